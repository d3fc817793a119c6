package dev.quintet.core.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What changes from step to step of a training, in one small block of device memory from which kernels read it: so a
/// step is the same calls each time, and asks the device for no answer.
///
/// The first 64 bytes come from the host with each batch ([Inputs]), the other 64 are the device's own
/// ([Outcome]).
///
/// @param address of 128 bytes
public record RunState(long address) {
  /// The size of the block.
  public static final int BYTES = 128;

  /// The size of the part that the host writes; the device's begins behind it.
  public static final int INPUT_BYTES = 64;

  /// Where the losses' scale stands in the block.
  public static final int LOSS_SCALE = 32;

  /// The size of an [Outcome], at the beginning of the device's part.
  public static final int OUTCOME_BYTES = 32;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.nativeOrder());
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.nativeOrder());

  /// What the host says, read from the device; for kernels that run at once.
  public Inputs inputs(Memory memory) {
    MemorySegment bytes = read(memory, address, INPUT_BYTES);
    return new Inputs(
        bytes.get(LONG, 0),
        bytes.get(LONG, 8),
        bytes.get(LONG, 16),
        Double.longBitsToDouble(bytes.get(LONG, 24)),
        Float.intBitsToFloat(bytes.get(INT, LOSS_SCALE)));
  }

  /// Writes what the host says, where no batch brings it.
  public void write(Memory memory, Inputs inputs) {
    memory.write(MemorySegment.ofArray(inputs.words()), address, INPUT_BYTES);
  }

  /// What the device made of a step, read at once.
  public Outcome outcome(Memory memory) {
    return Outcome.of(read(memory, address + INPUT_BYTES, OUTCOME_BYTES));
  }

  /// What the device made of a step, once it has come so far.
  public Memory.Later outcomeLater(Memory memory) {
    return memory.readLater(address + INPUT_BYTES, OUTCOME_BYTES);
  }

  /// Writes an outcome, as kernels that run at once do.
  public void write(Memory memory, Outcome outcome) {
    MemorySegment bytes = MemorySegment.ofArray(new long[OUTCOME_BYTES / 8]);
    bytes.set(LONG, 0, Double.doubleToRawLongBits(outcome.sum));
    bytes.set(LONG, 8, Double.doubleToRawLongBits(outcome.loss));
    bytes.set(INT, 16, Float.floatToRawIntBits(outcome.norm));
    bytes.set(INT, 20, Float.floatToRawIntBits(outcome.scale));
    bytes.set(INT, 24, outcome.skipped);
    bytes.set(INT, 28, outcome.updates);
    memory.write(bytes, address + INPUT_BYTES, OUTCOME_BYTES);
  }

  private static MemorySegment read(Memory memory, long address, int bytes) {
    MemorySegment copy = MemorySegment.ofArray(new byte[bytes]);
    memory.read(address, copy, bytes);
    return copy;
  }

  static float readFloat(Memory memory, long address) {
    return Float.intBitsToFloat(read(memory, address, Float.BYTES).get(INT, 0));
  }

  /// What the host says of one batch of a step.
  ///
  /// @param seed the run's seed, i64 at byte 0
  /// @param step the step, i64 at byte 8
  /// @param firstRow the row of the whole accumulated batch that row 0 of this batch is, i64 at byte 16
  /// @param rate the learning rate, f64 at byte 24
  /// @param lossScale what the sum of losses is multiplied by: one over the labels of the whole step, f32 at byte 32
  public record Inputs(long seed, long step, long firstRow, double rate, float lossScale) {
    /// Of no step.
    public static final Inputs NONE = new Inputs(0, 0, 0, 0, 1);

    /// The 64 bytes, as int32 in the machine's byte order, to be laid before a batch's ids.
    public int[] words() {
      int[] words = new int[INPUT_BYTES / 4];
      MemorySegment bytes = MemorySegment.ofArray(words);
      bytes.set(LONG, 0, seed);
      bytes.set(LONG, 8, step);
      bytes.set(LONG, 16, firstRow);
      bytes.set(LONG, 24, Double.doubleToRawLongBits(rate));
      bytes.set(INT, LOSS_SCALE, Float.floatToRawIntBits(lossScale));
      return words;
    }
  }

  /// What the device made of a step.
  ///
  /// @param sum the sum of squared gradients, f64 at byte 64
  /// @param loss the sum of the batches' losses, f64 at byte 72
  /// @param norm the gradients' norm, f32 at byte 80
  /// @param scale what clipping multiplies gradients by, 0 where the step changes nothing, f32 at byte 84
  /// @param skipped steps in a row, up to this one, whose loss or norm was not finite, i32 at byte 88
  /// @param updates steps so far that changed something, i32 at byte 92
  public record Outcome(
      double sum, double loss, float norm, float scale, int skipped, int updates) {

    /// The outcome in these bytes.
    public static Outcome of(MemorySegment bytes) {
      return new Outcome(
          Double.longBitsToDouble(bytes.get(LONG, 0)),
          Double.longBitsToDouble(bytes.get(LONG, 8)),
          Float.intBitsToFloat(bytes.get(INT, 16)),
          Float.intBitsToFloat(bytes.get(INT, 20)),
          bytes.get(INT, 24),
          bytes.get(INT, 28));
    }

    /// This outcome with a batch's loss, or with that added.
    public Outcome withLoss(float batch, boolean add) {
      return new Outcome(sum, add ? loss + batch : batch, norm, scale, skipped, updates);
    }

    /// This outcome with norm = sqrt(sum) and scale = min(1, maximum / (norm + 1e-6)), as PyTorch clips, and one update
    /// more; or, where norm or loss is not finite, with scale 0 and one step more that is skipped.
    ///
    /// @param maximum the norm to clip to; infinite leaves the scale at 1
    public Outcome clipped(float maximum) {
      double length = Math.sqrt(sum);
      boolean finite = Float.isFinite((float) length) && Double.isFinite(loss);
      double factor = finite ? Math.min(1, maximum / (length + 1e-6)) : 0;
      return new Outcome(
          sum,
          loss,
          (float) length,
          (float) factor,
          finite ? 0 : skipped + 1,
          finite ? updates + 1 : updates);
    }
  }
}
