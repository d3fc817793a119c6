package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every backend's softmax must do.
public abstract class SoftmaxContract extends BackendContract {
  private static final int[] ROWS = {0, 1, 2, 3, 9, 40};
  private static final int[] WIDTHS = {1, 2, 3, 7, 8, 15, 16, 17, 33, 100, 128, 513, 1500};

  @Test
  void computesBothFormsOfManySizes() {
    Values.trials(
        40,
        random -> {
          int rows = Values.oneOf(random, ROWS);
          int width = Values.oneOf(random, WIDTHS);
          float[] x = Values.normal(random, rows * width);
          scale(x, random.nextInt(8));
          checkForwards(rows, width, x);
        });
    checkForwards(2, 32128, Values.normal(new Random(1), 2 * 32128));
    checkForwards(1, 40_003, Values.normal(new Random(5), 40_003));
    checkForwards(900, 33, Values.normal(new Random(2), 900 * 33));
  }

  @Test
  void computesGradientsOfManySizes() {
    Values.trials(
        40,
        random -> checkBackwards(Values.oneOf(random, ROWS), Values.oneOf(random, WIDTHS), random));
    checkBackwards(2, 32128, new Random(3));
    checkBackwards(1, 40_003, new Random(5));
    checkBackwards(900, 33, new Random(4));
  }

  @Test
  void staysFiniteForLargeArguments() {
    float[] x = Values.normal(new Random(5), 4 * 19);
    scale(x, 1e4f);
    checkForwards(4, 19, x);
    x[3] = Float.NEGATIVE_INFINITY;
    x[18] = Float.NEGATIVE_INFINITY;
    x[20] = -Float.MAX_VALUE;
    checkForwards(4, 19, x);
  }

  @Test
  void makesRowsOfOneConstantUniform() {
    for (float constant : new float[] {-Float.MAX_VALUE, 0, 1e30f}) {
      float[] x = new float[2 * 21];
      java.util.Arrays.fill(x, constant);
      checkForwards(2, 21, x);
    }
  }

  @Test
  void givesExactlyZeroToWhatIsMaskedAway() {
    float[] x = Values.normal(new Random(6), 37);
    x[0] = -Float.MAX_VALUE;
    x[20] = -Float.MAX_VALUE;
    x[36] = Float.NEGATIVE_INFINITY;
    try (Buffers b = buffers()) {
      long y = b.blank(37);
      backend().softmax().softmax(1, 37, b.put(x), y);
      float[] p = b.read(y, 37);
      assertEquals(0f, p[0]);
      assertEquals(0f, p[20]);
      assertEquals(0f, p[36]);
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    int[][] sizes = {{2, 21}, {300, 130}, {3, 9001}};
    for (int[] s : sizes) {
      int count = s[0] * s[1];
      float[] x = Values.normal(new Random(7), count);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long in = b.put(x);
            long y = b.blank(4L * count);
            backend().softmax().softmax(s[0], s[1], in, y);
            backend().softmax().softmaxBackward(s[0], s[1], y, in, y + 4L * count, false);
            backend().softmax().logSoftmax(s[0], s[1], in, y + 8L * count);
            backend()
                .softmax()
                .logSoftmaxBackward(s[0], s[1], y + 8L * count, in, y + 12L * count, false);
            return b.read(y, 4L * count);
          });
    }
  }

  private void checkForwards(int rows, int width, float[] x) {
    int count = x.length;
    try (Buffers b = buffers()) {
      long y = b.blank(count);
      long over = b.put(x);
      backend().softmax().softmax(rows, width, b.put(x), y);
      backend().softmax().softmax(rows, width, over, over);
      double[] expected = PlainSoftmax.softmax(width, Values.doubles(x));
      Expect.relative("softmax", expected, b.read(y, count), 6e-6, 1e-30);
      Expect.bits("softmax in place", b.read(y, count), b.read(over, count));

      over = b.put(x);
      backend().softmax().logSoftmax(rows, width, b.put(x), y);
      backend().softmax().logSoftmax(rows, width, over, over);
      expected = PlainSoftmax.logSoftmax(width, Values.doubles(x));
      Expect.relative("log softmax", expected, b.read(y, count), 1e-6, 2e-6);
      Expect.bits("log softmax in place", b.read(y, count), b.read(over, count));
    }
  }

  private void checkBackwards(int rows, int width, Random random) {
    int count = rows * width;
    float[] x = Values.normal(random, count);
    float[] dy = Values.normal(random, count);
    float[] before = Values.normal(random, count);
    for (boolean log : new boolean[] {false, true}) {
      double[] plain =
          log
              ? PlainSoftmax.logSoftmax(width, Values.doubles(x))
              : PlainSoftmax.softmax(width, Values.doubles(x));
      float[] y = Values.floats(plain);
      double[] expected =
          log
              ? PlainSoftmax.logSoftmaxBackward(width, Values.doubles(y), Values.doubles(dy))
              : PlainSoftmax.softmaxBackward(width, Values.doubles(y), Values.doubles(dy));
      try (Buffers b = buffers()) {
        long dx = b.blank(count);
        long over = b.put(dy);
        long sum = b.put(before);
        backward(log, rows, width, b.put(y), b.put(dy), dx, false);
        backward(log, rows, width, b.put(y), over, over, false);
        backward(log, rows, width, b.put(y), b.put(dy), sum, true);
        Expect.close("gradient", expected, b.read(dx, count), 2e-6);
        Expect.bits("gradient in place", b.read(dx, count), b.read(over, count));
        Expect.close(
            "gradient, added",
            Values.sum(expected, Values.doubles(before)),
            b.read(sum, count),
            2e-6);
      }
    }
  }

  private void backward(
      boolean log, int rows, int width, long y, long dy, long dx, boolean accumulate) {
    if (log) {
      backend().softmax().logSoftmaxBackward(rows, width, y, dy, dx, accumulate);
    } else {
      backend().softmax().softmaxBackward(rows, width, y, dy, dx, accumulate);
    }
  }

  private static void scale(float[] x, float factor) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= factor;
    }
  }
}
