package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.backend.DecoderStep;
import dev.quintet.core.backend.TokenRule;
import dev.quintet.core.backend.TokenRule.Chooser;
import dev.quintet.kernels.driver.Cuda;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// A planned step on the device: one upload of some numbers, then the launches of a [DecoderChain], which are taken down as a
/// graph once they repeat.
final class CudaStep implements DecoderStep {
  // The places of `decode.cu`.
  private static final int POSITION = 0;
  private static final int STRAIGHT = 1;
  private static final int END_COUNT = 2;
  private static final int PAD = 3;
  private static final int IDS = 8;
  private static final int ENDED = 24;
  private static final int FROM = 40;
  private static final int END_IDS = 56;
  private static final int NEXT = 88;
  private static final int CHOSEN = 104;
  private static final int DONE = 105;

  /// The most ends that the device looks for.
  private static final int MOST_ENDS = NEXT - END_IDS;

  private final Cuda cuda;
  private final DecoderCall call;
  private final Sizes sizes;
  private final DecoderChain chain;
  private final DecoderRoom room;
  private final Beams beams;
  private final int[] numbers;
  private final RepeatedStep repeated;
  private boolean begun;

  CudaStep(Cuda cuda, DecoderCall call, DecoderChain chain, DecoderRoom room) {
    this.cuda = cuda;
    this.call = call;
    this.sizes = call.sizes();
    this.chain = chain;
    this.room = room;
    this.beams = new Beams(sizes);
    this.numbers = new int[DecoderRoom.HISTORY + DecoderRoom.MOST_CHOSEN * sizes.rows()];
    this.repeated = new RepeatedStep(cuda.queue());
  }

  @Override
  public void run(int[] ids, int position) {
    write(ids, position, List.of(), 0, new boolean[0]);
    step(Chooser.LIKELIEST);
    beams.at(position);
  }

  @Override
  public void likeliest(int[] into) {
    read(1);
    System.arraycopy(numbers, DecoderRoom.HISTORY, into, 0, sizes.rows());
  }

  @Override
  public void logits(long to) {
    cuda.memory().copy(room.logits(), to, 4L * sizes.rows() * call.head().rows());
  }

  @Override
  public int choose(
      int[] ids, int position, boolean[] ended, TokenRule rule, int most, int[] into) {
    if (rule.ends().size() > MOST_ENDS) {
      return 0;
    }
    if (most < 1
        || most > sizes.capacity() - position
        || (long) into.length < (long) most * ids.length) {
      throw new IllegalArgumentException(
          "a step with room for %d tokens behind %d cannot choose %d into %d numbers"
              .formatted(sizes.capacity() - position, position, most, into.length));
    }
    int rows = sizes.rows();
    int chosen = 0;
    write(ids, position, rule.ends(), rule.pad(), ended);
    while (chosen < most) {
      if (chosen > 0) {
        goOn();
      }
      int count = Math.min(most - chosen, DecoderRoom.MOST_CHOSEN);
      for (int i = 0; i < count; i++) {
        step(rule.chooser());
        beams.at(position + chosen + i);
      }
      read(count);
      int done = numbers[DONE] == 0 ? count : numbers[DONE];
      System.arraycopy(numbers, DecoderRoom.HISTORY, into, chosen * rows, done * rows);
      chosen += done;
      if (numbers[DONE] != 0) {
        return chosen;
      }
    }
    return chosen;
  }

  @Override
  public void reorder(int[] from, int length) {
    beams.reorder(from, length);
  }

  @Override
  public int place(int row, int position) {
    return beams.place(row, position);
  }

  @Override
  public void close() {
    repeated.close();
  }

  /// Sets down what the next tokens begin with.
  private void write(int[] ids, int position, List<Integer> ends, int pad, boolean[] ended) {
    call.check(ids, position);
    Arrays.fill(numbers, 0, DecoderRoom.HISTORY, 0);
    numbers[POSITION] = position;
    numbers[STRAIGHT] = begun ? 0 : 1;
    numbers[END_COUNT] = ends.size();
    numbers[PAD] = pad;
    for (int row = 0; row < ids.length; row++) {
      numbers[IDS + row] = ids[row];
      numbers[ENDED + row] = row < ended.length && ended[row] ? 1 : 0;
      numbers[FROM + row] = beams.from(row);
    }
    for (int i = 0; i < ends.size(); i++) {
      numbers[END_IDS + i] = ends.get(i);
    }
    upload(0, DecoderRoom.HISTORY);
    if (!begun) {
      chain.prepare();
      begun = true;
    }
  }

  /// Begins a new history behind the last one's tokens.
  private void goOn() {
    upload(CHOSEN, 1);
  }

  private void upload(int place, int count) {
    MemorySegment from = MemorySegment.ofArray(numbers).asSlice(4L * place);
    cuda.memory().write(from, room.state() + 4L * place, 4L * count);
  }

  private void step(Chooser chooser) {
    repeated.run(
        chooser,
        () -> {
          boolean likeliest = chooser == Chooser.LIKELIEST;
          chain.run();
          if (!likeliest) {
            chooser.choose(room.logits(), room.state() + 4L * NEXT);
          }
          chain.finish(likeliest);
        });
  }

  /// Reads the tokens chosen, and how many those are if all rows have ended: the one wait.
  private void read(int tokens) {
    long bytes = 4L * (1 + tokens * sizes.rows());
    MemorySegment to = MemorySegment.ofArray(numbers).asSlice(4L * DONE);
    cuda.memory().read(room.state() + 4L * DONE, to, bytes);
  }
}
