package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.NormLoops;
import dev.quintet.core.cpu.lane.RowMath;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.PartBody;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;
import java.util.Arrays;

/// RMS norm and layer norm on vectors; the loops of a row are in [NormLoops].
///
/// RMS norm is layer norm with a mean of 0 and without bias, and shares its backward. The gradients of weight and bias
/// are summed in one private row a part, and these in order of the parts.
public final class VectorNorm implements NormKernels {
  /// The most parts with private rows.
  private static final int PARTS = 64;

  @Override
  public void rmsNorm(long rows, int width, float epsilon, long x, long weight, long y, long rstd) {
    Cuts.items(
        rows,
        width,
        (from, n) -> {
          for (long row = from; row < from + n; row++) {
            long xRow = at(x, row * width);
            double square = RowMath.squares(xRow, width) / width;
            double exact = 1 / Math.sqrt(square + epsilon);
            float scale = (float) exact;
            write(rstd, row, scale);
            scaled(scale, (float) (exact - scale), width, xRow, weight, at(y, row * width));
          }
        });
  }

  private static void scaled(float scale, float rest, int n, long x, long weight, long y) {
    int whole = Tails.whole(n);
    NormLoops.scaled(scale, rest, whole, x, weight, y);
    if (whole < n) {
      NormLoops.scaled(
          scale, rest, Lanes.N, Tails.in(0, x, n), Tails.in(1, weight, n), Tails.slot(2));
      Tails.out(2, y, n);
    }
  }

  @Override
  public void layerNorm(
      long rows,
      int width,
      float epsilon,
      long x,
      long weight,
      long bias,
      long y,
      long mean,
      long rstd) {
    Cuts.items(
        rows,
        width,
        (from, n) -> {
          for (long row = from; row < from + n; row++) {
            long xRow = at(x, row * width);
            float middle = (float) (RowMath.sum(xRow, width) / width);
            double variance = RowMath.squaresAround(middle, xRow, width) / width;
            float scale = (float) (1 / Math.sqrt(variance + epsilon));
            write(mean, row, middle);
            write(rstd, row, scale);
            shifted(middle, scale, width, xRow, weight, bias, at(y, row * width));
          }
        });
  }

  private static void shifted(
      float mean, float scale, int n, long x, long weight, long bias, long y) {
    int whole = Tails.whole(n);
    NormLoops.shifted(mean, scale, whole, x, weight, bias, y);
    if (whole < n) {
      long w = Tails.in(1, weight, n);
      long b = Tails.in(2, bias, n);
      NormLoops.shifted(mean, scale, Lanes.N, Tails.in(0, x, n), w, b, Tails.slot(3));
      Tails.out(3, y, n);
    }
  }

  @Override
  public void rmsNormBackward(
      long rows,
      int width,
      long x,
      long weight,
      long rstd,
      long dy,
      long dx,
      boolean addDx,
      long dWeight,
      boolean addDWeight) {
    backward(rows, width, x, weight, 0, rstd, dy, dx, addDx, dWeight, addDWeight, 0, false);
  }

  @Override
  public void layerNormBackward(
      long rows,
      int width,
      long x,
      long weight,
      long mean,
      long rstd,
      long dy,
      long dx,
      boolean addDx,
      long dWeight,
      boolean addDWeight,
      long dBias,
      boolean addDBias) {
    backward(
        rows, width, x, weight, mean, rstd, dy, dx, addDx, dWeight, addDWeight, dBias, addDBias);
  }

  /// The backward of both; a mean at address 0 is RMS norm's.
  private static void backward(
      long rows,
      int width,
      long x,
      long weight,
      long mean,
      long rstd,
      long dy,
      long dx,
      boolean addDx,
      long dWeight,
      boolean addDWeight,
      long dBias,
      boolean addDBias) {
    long each = Math.max((rows + PARTS - 1) / PARTS, Math.max(1, Cuts.PART / Math.max(1, width)));
    int parts = (int) ((rows + each - 1) / each);
    int padded = NormLoops.padded(width);
    float[] sums = Workspace.floats(Workspace.CALL, 2 * padded * parts);
    Arrays.fill(sums, 0, 2 * padded * parts, 0);
    PartBody part =
        p -> {
          int weightSums = 2 * padded * p;
          for (long row = p * each, end = Math.min(rows, row + each); row < end; row++) {
            long xRow = at(x, row * width);
            long dyRow = at(dy, row * width);
            float middle = mean == 0 ? 0 : read(mean, row);
            float scale = read(rstd, row);
            if (dx != 0) {
              long dxRow = at(dx, row * width);
              backward(middle, scale, mean != 0, width, xRow, weight, dyRow, dxRow, addDx);
            }
            if (dWeight != 0) {
              addWeight(scale, middle * scale, width, xRow, dyRow, sums, weightSums);
            }
            if (dBias != 0) {
              addBias(width, dyRow, sums, weightSums + padded);
            }
          }
        };
    WorkerPool.shared().run(parts, part);
    if (dWeight != 0) {
      NormLoops.addUp(sums, 0, 2 * padded, parts, width, dWeight, addDWeight);
    }
    if (dBias != 0) {
      NormLoops.addUp(sums, padded, 2 * padded, parts, width, dBias, addDBias);
    }
  }

  private static void backward(
      float mean,
      float scale,
      boolean centered,
      int n,
      long x,
      long weight,
      long dy,
      long dx,
      boolean add) {
    int whole = Tails.whole(n);
    double sum = centered ? RowMath.dot(weight, dy, n) : 0;
    float dot = NormLoops.dot(whole, x, weight, dy);
    if (whole == n) {
      float slope = slope(dot - mean * sum, scale, n);
      float even = (float) (sum * scale / n) - slope * mean;
      NormLoops.backward(scale, slope, even, n, x, weight, dy, dx, add);
      return;
    }
    long lastX = Tails.in(0, x, n);
    long lastWeight = Tails.in(1, weight, n);
    long lastDy = Tails.in(2, dy, n);
    dot += NormLoops.dot(Lanes.N, lastX, lastWeight, lastDy);
    float slope = slope(dot - mean * sum, scale, n);
    float even = (float) (sum * scale / n) - slope * mean;
    NormLoops.backward(scale, slope, even, whole, x, weight, dy, dx, add);
    long to = Tails.in(3, dx, n);
    NormLoops.backward(scale, slope, even, Lanes.N, lastX, lastWeight, lastDy, to, add);
    Tails.out(3, dx, n);
  }

  private static float slope(double dot, float scale, int n) {
    return (float) (dot * scale * scale * scale / n);
  }

  private static void addWeight(
      float scale, float shift, int n, long x, long dy, float[] sums, int at) {
    int whole = Tails.whole(n);
    NormLoops.addWeight(scale, shift, whole, x, dy, sums, at);
    if (whole < n) {
      long lastDy = Tails.in(1, dy, n);
      NormLoops.addWeight(scale, shift, Lanes.N, Tails.in(0, x, n), lastDy, sums, at + whole);
    }
  }

  private static void addBias(int n, long dy, float[] sums, int at) {
    int whole = Tails.whole(n);
    NormLoops.addBias(whole, dy, sums, at);
    if (whole < n) {
      NormLoops.addBias(Lanes.N, Tails.in(0, dy, n), sums, at + whole);
    }
  }

  private static float read(long address, long index) {
    return Native.floats(at(address, index), 1).get(JAVA_FLOAT_UNALIGNED, 0);
  }

  private static void write(long address, long index, float value) {
    Native.floats(at(address, index), 1).set(JAVA_FLOAT_UNALIGNED, 0, value);
  }
}
