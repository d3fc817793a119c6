package dev.quintet.kernels.cuda;

import static dev.quintet.kernels.cuda.CudaOptimizer.THREADS;
import static dev.quintet.kernels.cuda.CudaOptimizer.WARPS;

import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.OptimizerKernels.Adafactor;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Spans;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Launches the kernels of `adafactor.cuh`, nine for a whole table.
final class CudaAdafactor {
  private static final int SHARED = SpanCuts.ROW_BYTES + 8 * WARPS;

  /// Behind that: sums of the lines of a strip, and of 128 columns by each warp.
  private static final int SHARED_BY_MEANS = SHARED + 8 * 1024 + 8 * 128 * WARPS;

  private final Cuda cuda;
  private final Kernel plan;
  private final Kernel measure;
  private final Kernel means;
  private final Kernel columns;
  private final Kernel lineSteps;
  private final Kernel factors;
  private final Kernel updateLines;
  private final Kernel update;

  CudaAdafactor(Cuda cuda) {
    this.cuda = cuda;
    plan = cuda.kernel("optimizer", "optimizer_plan");
    measure = cuda.kernel("optimizer", "optimizer_measure");
    means = cuda.kernel("optimizer", "optimizer_means");
    columns = cuda.kernel("optimizer", "optimizer_columns");
    lineSteps = cuda.kernel("optimizer", "optimizer_line_steps");
    factors = cuda.kernel("optimizer", "optimizer_factors");
    updateLines = cuda.kernel("optimizer", "optimizer_update_lines");
    update = cuda.kernel("optimizer", "optimizer_update");
  }

  void update(Adafactor u, RunState state, Spans spans) {
    SpanCuts cuts = SpanCuts.of(spans);
    if (cuts.elements() == 0) {
      return;
    }
    Memory memory = cuda.memory();
    var room = new Room(cuts);
    long at = memory.allocate(room.bytes());
    ByteBuffer work = room.struct(at, spans.table(), state.address());
    ByteBuffer constants = constants(u);
    // Numbers of a parameter, of a step and of the plan are loaded by each thread that needs them.
    plan.launch()
        .grid(1)
        .threads(32)
        .struct(work, 8)
        .moves(40L * cuts.rows() + 24L * cuts.factored().spans())
        .run();
    boolean scales = u.scale().on();
    if (scales || cuts.whole().elements() > 0) {
      measure
          .launch()
          .grid(cuts.chunks())
          .threads(THREADS)
          .shared(SHARED)
          .struct(work, 8)
          .struct(constants, 8)
          .i64(cuts.elements())
          .moves(
              (scales ? 4 * cuts.elements() + 8 * cuts.visits() : 0)
                  + 12 * cuts.whole().elements()
                  + 24 * cuts.whole().visits()
                  + cuts.walkBytes()
                  + 4L * THREADS * cuts.chunks())
          .run();
    }
    if (cuts.strips() > 0) {
      measureFactored(cuts, work, constants);
    }
    factors
        .launch()
        .grid(cuts.rows())
        .threads(THREADS)
        .shared(SHARED)
        .struct(work, 8)
        .struct(constants, 8)
        .moves(
            cuts.rows() * (140L + 16 * THREADS)
                + 8L * THREADS * cuts.factored().spans()
                + (scales ? 8 * cuts.visits() : 0)
                + 8 * cuts.whole().visits()
                + 8 * cuts.strips())
        .run();
    if (cuts.strips() > 0) {
      updateLines
          .launch()
          .grid(cuts.strips())
          .threads(THREADS)
          .shared(SHARED)
          .struct(work, 8)
          .struct(constants, 8)
          .moves(
              cuts.factored().bytes(16)
                  + 8 * cuts.factored().averaged()
                  + 28L * THREADS * cuts.strips()
                  + lineBytes(cuts))
          .run();
    }
    if (cuts.whole().elements() > 0) {
      update
          .launch()
          .grid(cuts.chunks())
          .threads(THREADS)
          .shared(SHARED)
          .struct(work, 8)
          .struct(constants, 8)
          .i64(cuts.elements())
          .moves(
              cuts.whole().bytes(16)
                  + 8 * cuts.whole().averaged()
                  + 8L * THREADS * cuts.whole().visits()
                  + 4L * THREADS * cuts.chunks()
                  + cuts.walkBytes())
          .run();
    }
    memory.release(at, room.bytes());
  }

  /// The means of lines and columns, and the size of the step that follows from them.
  private void measureFactored(SpanCuts cuts, ByteBuffer work, ByteBuffer constants) {
    long elements = cuts.factored().elements();
    means
        .launch()
        .grid(cuts.strips())
        .threads(THREADS)
        .shared(SHARED_BY_MEANS)
        .struct(work, 8)
        .struct(constants, 8)
        .moves(
            4 * elements
                + 16 * cuts.columnSums()
                + 8 * cuts.lines()
                + 32L * THREADS * cuts.strips()
                + cuts.rowBytes(cuts.strips()))
        .run();
    columns
        .launch()
        .grid(cuts.columnBlocks())
        .threads(THREADS)
        .shared(SHARED)
        .struct(work, 8)
        .struct(constants, 8)
        .moves(
            8 * cuts.columnSums()
                + 48 * cuts.columns()
                + 12L * THREADS * cuts.columnBlocks()
                + cuts.rowBytes(cuts.columnBlocks()))
        .run();
    lineSteps
        .launch()
        .grid(cuts.strips())
        .threads(THREADS)
        .shared(SHARED)
        .struct(work, 8)
        .moves(8 * elements + 20L * THREADS * cuts.strips() + lineBytes(cuts))
        .run();
  }

  /// What strips load to know their matrix's mean and the inverse root of each line's, which each lane of a warp does.
  private static long lineBytes(SpanCuts cuts) {
    return 128 * cuts.lines() + 8 * cuts.stripsSquared() + cuts.rowBytes(cuts.strips());
  }

  /// The struct `Adafactor` of the kernels.
  private static ByteBuffer constants(Adafactor u) {
    ByteBuffer struct = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    struct.putDouble(u.scale().least()).putDouble(u.scale().most());
    struct.putDouble(u.beta1()).putDouble(u.decayRate());
    struct.putDouble(u.epsilon()).putDouble(u.clip());
    struct.putInt(u.scale().on() ? 1 : 0);
    struct.putInt(
        switch (u.own()) {
          case GIVEN -> 0;
          case RELATIVE -> 1;
          case WARMING_UP -> 2;
        });
    struct.putInt(u.decayByRate() ? 1 : 0);
    return struct.clear();
  }

  /// The workspace of an update, in the order of the kernels' struct `Work`.
  private record Room(SpanCuts cuts) {
    private long[] sizes() {
      return new long[] {
        32L * cuts.rows(),
        8 * (cuts.chunks() + cuts.rows()),
        8 * (cuts.chunks() + cuts.rows()),
        8 * cuts.strips(),
        8 * cuts.strips(),
        8 * cuts.columnSums(),
        4 * cuts.columns(),
        8L * cuts.rows()
      };
    }

    long bytes() {
      long sum = 0;
      for (long size : sizes()) {
        sum += aligned(size);
      }
      return sum;
    }

    ByteBuffer struct(long at, long table, long state) {
      ByteBuffer struct = ByteBuffer.allocate(88).order(ByteOrder.LITTLE_ENDIAN);
      struct.putLong(table);
      long next = at;
      for (long size : sizes()) {
        struct.putLong(next);
        next += aligned(size);
      }
      struct.putLong(state).putInt(cuts.rows());
      return struct.clear();
    }

    private static long aligned(long bytes) {
      return (bytes + 15) & -16;
    }
  }
}
