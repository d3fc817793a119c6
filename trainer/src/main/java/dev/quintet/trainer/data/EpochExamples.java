package dev.quintet.trainer.data;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/// Examples that are made anew for each epoch, of which two epochs' stay in memory.
public final class EpochExamples implements Examples {
  private static final int KEPT =
      2; // a step may be made ready while the last of the epoch before is taken

  private final LongFunction<Examples> make;
  private final Map<Long, Examples> epochs = new LinkedHashMap<>();
  private final String fingerprint;
  private final int size;

  /// Examples of epochs.
  ///
  /// @param make makes those of an epoch, counted from 0: as many as of the first, and the same whenever it is asked
  /// @param fingerprint tells these from others
  public EpochExamples(LongFunction<Examples> make, String fingerprint) {
    this.make = make;
    this.fingerprint = fingerprint;
    Examples first = make.apply(0);
    this.size = first.size();
    epochs.put(0L, first);
  }

  private synchronized Examples of(long epoch) {
    Examples known = epochs.get(epoch);
    if (known != null) {
      return known;
    }
    Examples made = make.apply(epoch);
    if (made.size() != size) {
      throw new IllegalStateException(
          "an epoch has as many examples as the first, %,d, and epoch %,d has %,d"
              .formatted(size, epoch + 1, made.size()));
    }
    if (epochs.size() == KEPT) {
      epochs.remove(epochs.keySet().iterator().next());
    }
    epochs.put(epoch, made);
    return made;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int length(int index) {
    return length(index, 0);
  }

  @Override
  public int length(int index, long epoch) {
    return of(epoch).length(index);
  }

  @Override
  public Example example(int index, long epoch) {
    return of(epoch).example(index, epoch);
  }

  @Override
  public Optional<String> fingerprint() {
    return Optional.of(fingerprint);
  }
}
