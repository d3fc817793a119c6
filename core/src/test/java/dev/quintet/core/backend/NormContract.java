package dev.quintet.core.backend;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every backend's norms must do.
public abstract class NormContract extends BackendContract {
  private static final int[] ROWS = {1, 2, 3, 9, 33, 70};
  private static final int[] WIDTHS = {1, 2, 3, 7, 8, 15, 16, 17, 33, 96, 100, 128, 513};

  @Test
  void computesRmsNormAndItsGradients() {
    Values.trials(
        40, random -> checkRms(Values.oneOf(random, ROWS), Values.oneOf(random, WIDTHS), random));
    checkRms(1500, 33, new Random(1));
    checkRms(3, 4099, new Random(2));
  }

  @Test
  void computesLayerNormAndItsGradients() {
    Values.trials(
        40, random -> checkLayer(Values.oneOf(random, ROWS), Values.oneOf(random, WIDTHS), random));
    checkLayer(1500, 33, new Random(3));
    checkLayer(3, 4099, new Random(4));
  }

  @Test
  void doesNothingWithoutRows() {
    try (Buffers b = buffers()) {
      long w = b.put(Values.normal(new Random(1), 9));
      long none = b.blank(0);
      long dw = b.blank(9);
      backend().norm().rmsNorm(0, 9, 1e-6f, none, w, none, none);
      backend().norm().rmsNormBackward(0, 9, none, w, none, none, none, false, dw, false);
      Expect.bits("weight's gradient", new float[9], b.read(dw, 9));
    }
  }

  @Test
  void keepsRowsOfZerosFinite() {
    try (Buffers b = buffers()) {
      long x = b.put(new float[2 * 19]);
      long w = b.put(Values.normal(new Random(1), 19));
      long y = b.blank(2 * 19);
      long statistics = b.blank(4);
      backend().norm().rmsNorm(2, 19, 1e-6f, x, w, y, statistics);
      Expect.close("zeros", new double[38], b.read(y, 38), 0);
      Expect.relative("rstd", new double[] {1e3, 1e3}, b.read(statistics, 2), 1e-5, 0);
      backend().norm().layerNorm(2, 19, 1e-6f, x, w, x, y, statistics, statistics + 8);
      Expect.close("zeros", new double[38], b.read(y, 38), 0);
    }
  }

  /// The squares of deviations are not the difference of two large sums.
  @Test
  void normalisesRowsFarFromZero() {
    float[] x = Values.normal(new Random(5), 6 * 100);
    for (int i = 0; i < x.length; i++) {
      x[i] += 300;
    }
    float[] w = Values.normal(new Random(6), 100);
    float[] bias = Values.normal(new Random(7), 100);
    double[] expected =
        PlainNorm.layerNorm(1e-5f, Values.doubles(x), Values.doubles(w), Values.doubles(bias));
    try (Buffers b = buffers()) {
      long y = b.blank(600);
      backend()
          .norm()
          .layerNorm(6, 100, 1e-5f, b.put(x), b.put(w), b.put(bias), y, b.blank(6), b.blank(6));
      Expect.close("layer norm", expected, b.read(y, 600), 1e-4);
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    int[][] sizes = {{3, 21}, {700, 40}, {70, 600}};
    for (int[] s : sizes) {
      int rows = s[0];
      int width = s[1];
      int count = rows * width;
      Random random = new Random(8);
      float[] x = Values.normal(random, count);
      float[] w = Values.normal(random, width);
      float[] dy = Values.normal(random, count);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long in = b.put(x);
            long weight = b.put(w);
            long gradient = b.put(dy);
            long y = b.blank(2L * rows + 4L * count + 3L * width);
            long statistics = y;
            long forward = y + 8L * rows;
            long dx = forward + 8L * count;
            long dw = dx + 8L * count;
            NormKernels norm = backend().norm();
            norm.rmsNorm(rows, width, 1e-6f, in, weight, forward, statistics);
            norm.rmsNormBackward(
                rows, width, in, weight, statistics, gradient, dx, false, dw, false);
            norm.layerNorm(
                rows,
                width,
                1e-6f,
                in,
                weight,
                weight,
                forward + 4L * count,
                statistics,
                statistics + 4L * rows);
            norm.layerNormBackward(
                rows,
                width,
                in,
                weight,
                statistics,
                statistics + 4L * rows,
                gradient,
                dx + 4L * count,
                false,
                dw + 4L * width,
                false,
                dw + 8L * width,
                false);
            return b.read(y, 2L * rows + 4L * count + 3L * width);
          });
    }
  }

  private void checkRms(int rows, int width, Random random) {
    float epsilon = random.nextBoolean() ? 1e-6f : 1e-2f;
    float[] x = Values.normal(random, rows * width);
    float[] w = Values.normal(random, width);
    float[] dy = Values.normal(random, rows * width);
    float[] dxBefore = Values.normal(random, rows * width);
    float[] dwBefore = Values.normal(random, width);
    double[] wide = Values.doubles(x);
    double[] weights = Values.doubles(w);
    PlainNorm.Gradients expected =
        PlainNorm.rmsNormBackward(epsilon, wide, weights, Values.doubles(dy));
    try (Buffers b = buffers()) {
      long in = b.put(x);
      long weight = b.put(w);
      long y = b.blank(rows * width);
      long rstd = b.blank(rows);
      backend().norm().rmsNorm(rows, width, epsilon, in, weight, y, rstd);
      String what = "rms norm of [" + rows + ", " + width + "]";
      Expect.close(what, PlainNorm.rmsNorm(epsilon, wide, weights), b.read(y, rows * width), 1e-6);
      double[] rstds = new double[rows];
      for (int r = 0; r < rows; r++) {
        rstds[r] = PlainNorm.rstd(epsilon, 0, wide, r * width, width);
      }
      Expect.relative(what + ", rstd", rstds, b.read(rstd, rows), 1e-6, 0);

      for (int flags = 0; flags < 16; flags++) {
        boolean addX = (flags & 1) != 0;
        boolean addW = (flags & 2) != 0;
        long dx = (flags & 4) != 0 ? 0 : addX ? b.put(dxBefore) : b.blank(rows * width);
        long dw = (flags & 8) != 0 ? 0 : addW ? b.put(dwBefore) : b.blank(width);
        backend()
            .norm()
            .rmsNormBackward(rows, width, in, weight, rstd, b.put(dy), dx, addX, dw, addW);
        checkGradient(what + ", dx", b, expected.x(), dx, addX, dxBefore);
        checkGradient(what + ", dw", b, expected.weight(), dw, addW, dwBefore);
      }
    }
  }

  private void checkLayer(int rows, int width, Random random) {
    float epsilon = random.nextBoolean() ? 1e-3f : 1e-2f;
    float[] x = Values.normal(random, rows * width);
    float[] w = Values.normal(random, width);
    float[] bias = Values.normal(random, width);
    float[] dy = Values.normal(random, rows * width);
    float[] dxBefore = Values.normal(random, rows * width);
    float[] dwBefore = Values.normal(random, width);
    double[] wide = Values.doubles(x);
    double[] weights = Values.doubles(w);
    PlainNorm.Gradients expected =
        PlainNorm.layerNormBackward(epsilon, wide, weights, Values.doubles(dy));
    try (Buffers b = buffers()) {
      long in = b.put(x);
      long weight = b.put(w);
      long y = b.blank(rows * width);
      long mean = b.blank(rows);
      long rstd = b.blank(rows);
      backend().norm().layerNorm(rows, width, epsilon, in, weight, b.put(bias), y, mean, rstd);
      String what = "layer norm of [" + rows + ", " + width + "]";
      double[] forward = PlainNorm.layerNorm(epsilon, wide, weights, Values.doubles(bias));
      Expect.close(what, forward, b.read(y, rows * width), 4e-6);
      double[] means = new double[rows];
      double[] rstds = new double[rows];
      for (int r = 0; r < rows; r++) {
        means[r] = PlainNorm.mean(wide, r * width, width);
        rstds[r] = PlainNorm.rstd(epsilon, means[r], wide, r * width, width);
      }
      Expect.relative(what + ", mean", means, b.read(mean, rows), 1e-6, 1e-6);
      Expect.relative(what + ", rstd", rstds, b.read(rstd, rows), 4e-6, 0);

      for (int flags = 0; flags < 12; flags++) {
        boolean addX = (flags & 1) != 0;
        boolean addW = (flags & 2) != 0;
        int without = flags >> 2;
        long dx = without == 0 ? 0 : addX ? b.put(dxBefore) : b.blank(rows * width);
        long dw = without == 1 ? 0 : addW ? b.put(dwBefore) : b.blank(width);
        long db = without == 2 ? 0 : addW ? b.put(dwBefore) : b.blank(width);
        backend()
            .norm()
            .layerNormBackward(
                rows, width, in, weight, mean, rstd, b.put(dy), dx, addX, dw, addW, db, addW);
        checkGradient(what + ", dx", b, expected.x(), dx, addX, dxBefore);
        checkGradient(what + ", dw", b, expected.weight(), dw, addW, dwBefore);
        checkGradient(what + ", db", b, expected.bias(), db, addW, dwBefore);
      }
    }
  }

  private static void checkGradient(
      String what, Buffers b, double[] expected, long address, boolean added, float[] before) {
    if (address == 0) {
      return;
    }
    double[] sum = added ? Values.sum(expected, Values.doubles(before)) : expected;
    Expect.close(what, sum, b.read(address, sum.length), 1e-5);
  }
}
