package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.backend.NormRows;
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
///
/// @param backend of the kernels that fused forms are composed of
public record VectorNorm(Backend backend) implements NormKernels {
  /// The most parts with private rows.
  private static final int PARTS = 64;

  @Override
  public void norm(NormCall call, NormRows rows, long y) {
    int width = call.width();
    Cuts.items(
        call.rows(),
        width,
        (from, n) -> {
          for (long row = from; row < from + n; row++) {
            long x = at(rows.x(), row * width);
            long to = at(y, row * width);
            if (rows.centred()) {
              float mean = (float) (RowMath.sum(x, width) / width);
              double variance = RowMath.squaresAround(mean, x, width) / width;
              float scale = (float) (1 / Math.sqrt(variance + call.epsilon()));
              write(rows.mean(), row, mean);
              write(rows.rstd(), row, scale);
              shifted(mean, scale, width, x, rows.weight(), rows.bias(), to);
            } else {
              write(rows.rstd(), row, rms(width, call.epsilon(), x, rows.weight(), to));
            }
          }
        });
  }

  /// RMS norm of one row.
  ///
  /// @return the reciprocal root of its mean square
  public static float rms(int width, float epsilon, long x, long weight, long y) {
    double square = RowMath.squares(x, width) / width;
    double exact = 1 / Math.sqrt(square + epsilon);
    float scale = (float) exact;
    scaled(scale, (float) (exact - scale), width, x, weight, y);
    return scale;
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
  public void normBackward(
      NormCall call, NormRows rows, long dy, Gradient dx, Gradient dWeight, Gradient dBias) {
    int width = call.width();
    long each =
        Math.max((call.rows() + PARTS - 1) / PARTS, Math.max(1, Cuts.PART / Math.max(1, width)));
    int parts = (int) ((call.rows() + each - 1) / each);
    int padded = NormLoops.padded(width);
    float[] sums = Workspace.floats(Workspace.CALL, 2 * padded * parts);
    Arrays.fill(sums, 0, 2 * padded * parts, 0);
    PartBody part =
        p -> {
          int weightSums = 2 * padded * p;
          for (long row = p * each, end = Math.min(call.rows(), row + each); row < end; row++) {
            long x = at(rows.x(), row * width);
            long dyRow = at(dy, row * width);
            float mean = rows.centred() ? read(rows.mean(), row) : 0;
            float scale = read(rows.rstd(), row);
            if (dx.wanted()) {
              long to = at(dx.address(), row * width);
              backward(mean, scale, rows.centred(), width, x, rows.weight(), dyRow, to, dx.add());
            }
            if (dWeight.wanted()) {
              addWeight(scale, mean * scale, width, x, dyRow, sums, weightSums);
            }
            if (dBias.wanted()) {
              addBias(width, dyRow, sums, weightSums + padded);
            }
          }
        };
    WorkerPool.shared().run(parts, part);
    addUp(sums, 0, padded, parts, width, dWeight);
    addUp(sums, padded, padded, parts, width, dBias);
  }

  private static void addUp(float[] sums, int at, int padded, int parts, int width, Gradient to) {
    if (to.wanted()) {
      NormLoops.addUp(sums, at, 2 * padded, parts, width, to.address(), to.add());
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
