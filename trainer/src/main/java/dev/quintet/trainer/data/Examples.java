package dev.quintet.trainer.data;

import dev.quintet.core.random.Permutation;
import java.util.Optional;

/// A fixed number of examples, each a function of its number and the epoch.
///
/// Implementations are thread-safe and deterministic: a resumed run asks again.
public interface Examples {

  /// The number of examples in an epoch.
  int size();

  /// How long an example is, for putting like lengths together; it need not be exact.
  int length(int index);

  /// How long an example is in an epoch, where an index stands for another in each.
  default int length(int index, long epoch) {
    return length(index);
  }

  /// The numbers of all examples in the order in which an epoch takes them, before those of like length are put together:
  /// shuffled, a function of the seed and the epoch.
  default int[] order(long seed, long epoch) {
    return Permutation.of(seed, BatchPlan.EPOCH + epoch, size());
  }

  /// What tells these examples from others, where that is known without asking for each.
  default Optional<String> fingerprint() {
    return Optional.empty();
  }

  /// One example.
  ///
  /// @param index from 0 to below [#size]
  /// @param epoch from 0; objectives that draw something new each time depend on it
  Example example(int index, long epoch);

  /// Examples that are the same in every epoch.
  static Examples of(java.util.List<Example> list) {
    return new FixedExamples(list);
  }
}
