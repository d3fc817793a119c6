package dev.quintet.core.cpu;

import static dev.quintet.core.cpu.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.quintet.core.backend.NormKernels;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// RMS norm and layer norm on vectors; the loops of a row are in [NormLoops].
///
/// The gradients of weight and bias are summed in one private row a part, and these in order of the parts.
final class VectorNorm implements NormKernels {
  /// The most parts with private rows.
  private static final int PARTS = 64;

  @Override
  public void rmsNorm(long rows, int width, float epsilon, long x, long weight, long y, long rstd) {
    Cuts.items(
        rows,
        width,
        (from, n) -> {
          MemorySegment scales = Native.floats(at(rstd, from), n);
          for (int i = 0; i < n; i++) {
            long row = (from + i) * width;
            double mean = RowMath.squares(at(x, row), width) / width;
            float scale = (float) (1 / Math.sqrt(mean + epsilon));
            scales.setAtIndex(JAVA_FLOAT_UNALIGNED, i, scale);
            NormLoops.scaled(scale, width, at(x, row), weight, at(y, row));
          }
        });
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
    withPartials(
        rows,
        width,
        dWeight,
        addDWeight,
        0,
        false,
        (from, n, sums, at) -> {
          MemorySegment scales = Native.floats(at(rstd, from), n);
          for (int i = 0; i < n; i++) {
            long row = (from + i) * width;
            float scale = scales.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            if (dx != 0) {
              double dot = NormLoops.dot(0, width, at(x, row), weight, at(dy, row));
              float slope = (float) (dot * scale * scale * scale / width);
              NormLoops.rmsBackward(
                  scale, slope, width, at(x, row), weight, at(dy, row), at(dx, row), addDx);
            }
            if (dWeight != 0) {
              NormLoops.addWeight(0, scale, width, at(x, row), at(dy, row), sums, at);
            }
          }
        });
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
          MemorySegment means = Native.floats(at(mean, from), n);
          MemorySegment scales = Native.floats(at(rstd, from), n);
          for (int i = 0; i < n; i++) {
            long row = (from + i) * width;
            float middle = (float) (RowMath.sum(at(x, row), width) / width);
            double variance = RowMath.squaresAround(middle, at(x, row), width) / width;
            float scale = (float) (1 / Math.sqrt(variance + epsilon));
            means.setAtIndex(JAVA_FLOAT_UNALIGNED, i, middle);
            scales.setAtIndex(JAVA_FLOAT_UNALIGNED, i, scale);
            NormLoops.shifted(middle, scale, width, at(x, row), weight, bias, at(y, row));
          }
        });
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
    int bias = NormLoops.padded(width);
    withPartials(
        rows,
        width,
        dWeight,
        addDWeight,
        dBias,
        addDBias,
        (from, n, sums, at) -> {
          MemorySegment means = Native.floats(at(mean, from), n);
          MemorySegment scales = Native.floats(at(rstd, from), n);
          for (int i = 0; i < n; i++) {
            long row = (from + i) * width;
            float middle = means.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            float scale = scales.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            if (dx != 0) {
              float even = (float) (RowMath.dot(weight, at(dy, row), width) * scale / width);
              double dot = NormLoops.dot(middle, width, at(x, row), weight, at(dy, row));
              float slope = (float) (dot * scale * scale * scale / width);
              NormLoops.layerBackward(
                  middle,
                  scale,
                  slope,
                  even,
                  width,
                  at(x, row),
                  weight,
                  at(dy, row),
                  at(dx, row),
                  addDx);
            }
            if (dWeight != 0) {
              NormLoops.addWeight(middle, scale, width, at(x, row), at(dy, row), sums, at);
            }
            if (dBias != 0) {
              NormLoops.addBias(width, at(dy, row), sums, at + bias);
            }
          }
        });
  }

  /// The rows of a part, and where its sums begin: the weight's, padded to whole vectors, then the bias's.
  @FunctionalInterface
  private interface Part {
    void run(long from, int count, float[] sums, int at);
  }

  private static void withPartials(
      long rows,
      int width,
      long dWeight,
      boolean addDWeight,
      long dBias,
      boolean addDBias,
      Part body) {
    long each = Math.max((rows + PARTS - 1) / PARTS, Math.max(1, Cuts.PART / Math.max(1, width)));
    int parts = (int) ((rows + each - 1) / each);
    int padded = NormLoops.padded(width);
    float[] sums = RowScratch.callFloats(2 * padded * Math.max(1, parts));
    Arrays.fill(sums, 0, 2 * padded * Math.max(1, parts), 0);
    PartBody part =
        p -> {
          long from = p * each;
          body.run(from, (int) Math.min(each, rows - from), sums, 2 * padded * p);
        };
    WorkerPool.shared().run(parts, part);
    if (dWeight != 0) {
      NormLoops.addUp(sums, 0, 2 * padded, parts, width, dWeight, addDWeight);
    }
    if (dBias != 0) {
      NormLoops.addUp(sums, padded, 2 * padded, parts, width, dBias, addDBias);
    }
  }
}
