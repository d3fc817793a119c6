package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.store;
import static dev.quintet.core.cpu.work.Native.at;

import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.cpu.lane.DropoutLanes;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.lane.UnaryBackwardLoops;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Places;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Dropout on vectors: masks from [DropoutLanes], some thousand elements at a time.
public final class VectorDropout implements DropoutKernels {
  /// Elements whose mask is drawn at once: it stays in the first cache with them.
  private static final int CHUNK = 2048;

  @Override
  public void dropout(DropoutCall call, long x, Gradient y) {
    long to = y.address();
    if (call.mask().active()) {
      float scale = call.mask().scale();
      chunks(
          call,
          (element, n, kept, at) ->
              dropout(scale, at(x, element), at(to, element), n, kept, at, y.add()));
    } else if (y.add()) {
      Cuts.elements(
          call.elements(),
          (from, n) -> VectorElementwise.add(at(x, from), at(to, from), at(to, from), n));
    } else if (x != to) {
      Cuts.elements(call.elements(), (from, n) -> StridedLoops.run(at(x, from), at(to, from), n));
    }
  }

  private static void dropout(float scale, long x, long y, int n, int[] kept, int at, boolean add) {
    int whole = Tails.whole(n);
    dropoutLoop(scale, x, y, whole, kept, at, add);
    if (whole < n) {
      dropoutLoop(scale, Tails.in(0, x, n), Tails.in(1, y, n), Lanes.N, kept, at + whole, add);
      Tails.out(1, y, n);
    }
  }

  private static void dropoutLoop(
      float scale, long from, long to, int n, int[] kept, int at, boolean add) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    FloatVector factor = all(scale);
    for (int i = 0; i < n; i += Lanes.N) {
      UnaryBackwardLoops.put(DropoutLanes.apply(load(x, i).mul(factor), kept, at + i), y, i, add);
    }
  }

  @Override
  public void residual(DropoutCall call, long x, long branch, long y) {
    if (call.mask().active()) {
      float scale = call.mask().scale();
      chunks(
          call,
          (element, n, kept, at) ->
              residual(scale, at(x, element), at(branch, element), at(y, element), n, kept, at));
    } else {
      Cuts.elements(
          call.elements(),
          (from, n) -> VectorElementwise.add(at(x, from), at(branch, from), at(y, from), n));
    }
  }

  private static void residual(
      float scale, long x, long branch, long y, int n, int[] kept, int at) {
    int whole = Tails.whole(n);
    residualLoop(scale, x, branch, y, whole, kept, at);
    if (whole < n) {
      residualLoop(
          scale,
          Tails.in(0, x, n),
          Tails.in(1, branch, n),
          Tails.slot(2),
          Lanes.N,
          kept,
          at + whole);
      Tails.out(2, y, n);
    }
  }

  private static void residualLoop(
      float scale, long stream, long branch, long to, int n, int[] kept, int at) {
    MemorySegment x = Native.floats(stream, n);
    MemorySegment b = Native.floats(branch, n);
    MemorySegment y = Native.floats(to, n);
    FloatVector factor = all(scale);
    for (int i = 0; i < n; i += Lanes.N) {
      store(DropoutLanes.apply(load(b, i), kept, at + i).fma(factor, load(x, i)), y, i);
    }
  }

  /// The work on `count` elements from `element` on, with their masks from `at` on.
  @FunctionalInterface
  private interface Chunk {
    void run(long element, int count, int[] kept, int at);
  }

  private static void chunks(DropoutCall call, Chunk body) {
    long width = call.width();
    if (width == 0) {
      return;
    }
    long seed = call.mask().seed();
    long stream = call.mask().stream();
    int threshold = call.mask().threshold();
    long pieces = (width + CHUNK - 1) / CHUNK;
    Cuts.items(
        call.rows() * pieces,
        Math.min(width, CHUNK),
        (from, count) -> {
          int[] kept = Workspace.ints(CHUNK + DropoutLanes.BLOCK);
          for (long item = from; item < from + count; item++) {
            long row = item / pieces;
            long element = item % pieces * CHUNK;
            int n = (int) Math.min(CHUNK, width - element);
            long first = Places.element(call, row) + element;
            int at = (int) (first % DropoutLanes.BLOCK);
            int batchRow = (int) (call.mask().firstRow() + Places.row(call, row));
            DropoutLanes.draw(seed, stream, batchRow, first - at, n + at, threshold, kept);
            body.run(row * width + element, n, kept, at);
          }
        });
  }
}
