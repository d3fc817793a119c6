package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.store;
import static dev.quintet.core.cpu.work.Native.at;

import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.cpu.lane.DropoutLanes;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.lane.UnaryBackwardLoops;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Dropout on vectors: masks from [DropoutLanes], some thousand elements at a time.
public final class VectorDropout implements DropoutKernels {
  /// Elements whose mask is drawn at once: it stays in the first cache with them.
  private static final int CHUNK = 2048;

  @Override
  public void dropout(DropoutMask mask, int rows, long width, long x, long y, boolean accumulate) {
    if (mask.active()) {
      chunks(
          mask,
          rows,
          width,
          (element, n, kept) ->
              dropout(mask.scale(), at(x, element), at(y, element), n, kept, accumulate));
    } else if (accumulate) {
      Cuts.elements(
          rows * width,
          (from, n) -> VectorElementwise.add(at(x, from), at(y, from), at(y, from), n));
    } else if (x != y) {
      Cuts.elements(rows * width, (from, n) -> StridedLoops.run(at(x, from), at(y, from), n));
    }
  }

  private static void dropout(float scale, long x, long y, int n, int[] kept, boolean add) {
    int whole = Tails.whole(n);
    dropoutLoop(scale, x, y, whole, kept, 0, add);
    if (whole < n) {
      dropoutLoop(scale, Tails.in(0, x, n), Tails.in(1, y, n), Lanes.N, kept, whole, add);
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
  public void residual(DropoutMask mask, int rows, long width, long x, long branch, long y) {
    if (mask.active()) {
      chunks(
          mask,
          rows,
          width,
          (element, n, kept) ->
              residual(mask.scale(), at(x, element), at(branch, element), at(y, element), n, kept));
    } else {
      Cuts.elements(
          rows * width,
          (from, n) -> VectorElementwise.add(at(x, from), at(branch, from), at(y, from), n));
    }
  }

  private static void residual(float scale, long x, long branch, long y, int n, int[] kept) {
    int whole = Tails.whole(n);
    residualLoop(scale, x, branch, y, whole, kept, 0);
    if (whole < n) {
      residualLoop(
          scale, Tails.in(0, x, n), Tails.in(1, branch, n), Tails.slot(2), Lanes.N, kept, whole);
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

  /// The work on `count` elements from `element` on, with their masks.
  @FunctionalInterface
  private interface Chunk {
    void run(long element, int count, int[] kept);
  }

  private static void chunks(DropoutMask mask, int rows, long width, Chunk body) {
    if (width == 0) {
      return;
    }
    long seed = mask.seed();
    long stream = mask.stream();
    int threshold = mask.threshold();
    long pieces = (width + CHUNK - 1) / CHUNK;
    Cuts.items(
        rows * pieces,
        Math.min(width, CHUNK),
        (from, count) -> {
          int[] kept = Workspace.ints(CHUNK);
          for (long item = from; item < from + count; item++) {
            long row = item / pieces;
            long element = item % pieces * CHUNK;
            int n = (int) Math.min(CHUNK, width - element);
            DropoutLanes.draw(
                seed, stream, (int) (mask.firstRow() + row), element, n, threshold, kept);
            body.run(row * width + element, n, kept);
          }
        });
  }
}
