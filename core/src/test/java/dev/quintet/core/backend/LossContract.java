package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every backend's cross entropy must do.
public abstract class LossContract extends BackendContract {
  private static final int[] ROWS = {0, 1, 2, 5, 17, 64};
  private static final int[] WIDTHS = {1, 2, 3, 8, 15, 17, 33, 100, 128, 1000};

  @Test
  void computesLossesAndGradients() {
    Values.trials(
        50,
        random -> {
          int rows = Values.oneOf(random, ROWS);
          int width = Values.oneOf(random, WIDTHS);
          float smoothing = random.nextBoolean() ? 0 : 0.1f;
          float[] logits = Values.normal(random, rows * width);
          for (int i = 0; i < logits.length; i++) {
            logits[i] *= 3;
          }
          check(-100, smoothing, logits, labels(random, rows, width, -100), width, random);
        });
    Random random = new Random(1);
    float[] logits = Values.normal(random, 7 * 32128);
    check(-100, 0.1f, logits, labels(random, 7, 32128, -100), 32128, random);
  }

  @Test
  void ignoresALabelThatIsWithinTheVocabulary() {
    Random random = new Random(2);
    check(0, 0.1f, Values.normal(random, 6 * 9), new int[] {0, 3, 0, 8, 0, 1}, 9, random);
  }

  @Test
  void staysFiniteForLargeLogits() {
    Random random = new Random(3);
    float[] logits = Values.normal(random, 3 * 19);
    for (int i = 0; i < logits.length; i++) {
      logits[i] *= 1e4f;
    }
    logits[5] = Float.NEGATIVE_INFINITY;
    check(-100, 0, logits, new int[] {0, 7, 18}, 19, random);
  }

  @Test
  void refusesALabelBeyondTheVocabulary() {
    for (int wrong : new int[] {-1, 9, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      try (Buffers b = buffers()) {
        long logits = b.put(new float[18]);
        long labels = b.put(3, wrong);
        long losses = b.blank(2);
        long logSumExp = b.blank(2);
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> {
              backend().loss().crossEntropy(2, 9, -100, 0, logits, labels, losses, logSumExp);
              backend().queue().synchronize();
            });
      }
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    int[][] sizes = {{3, 21}, {200, 300}, {5, 9001}};
    for (int[] s : sizes) {
      int rows = s[0];
      int width = s[1];
      int count = rows * width;
      Random random = new Random(4);
      float[] logits = Values.normal(random, count);
      int[] labels = labels(random, rows, width, -100);
      float[] dLosses = Values.normal(random, rows);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long x = b.put(logits);
            long l = b.put(labels);
            long y = b.blank(2L * rows + count);
            LossKernels loss = backend().loss();
            loss.crossEntropy(rows, width, -100, 0.1f, x, l, y, y + 4L * rows);
            loss.crossEntropyBackward(
                rows, width, -100, 0.1f, x, l, y + 4L * rows, b.put(dLosses), y + 8L * rows, false);
            return b.read(y, 2L * rows + count);
          });
    }
  }

  private void check(
      int ignore, float smoothing, float[] logits, int[] labels, int width, Random random) {
    int rows = labels.length;
    float[] dLosses = Values.normal(random, rows);
    float[] before = Values.normal(random, logits.length);
    double[] wide = Values.doubles(logits);
    double[] losses = PlainLoss.crossEntropy(width, ignore, smoothing, wide, labels);
    double[] gradient =
        PlainLoss.crossEntropyBackward(
            width, ignore, smoothing, wide, labels, Values.doubles(dLosses));
    LossKernels loss = backend().loss();
    try (Buffers b = buffers()) {
      long x = b.put(logits);
      long l = b.put(labels);
      long d = b.put(dLosses);
      long out = b.blank(rows);
      long logSumExp = b.blank(rows);
      String what = "[" + rows + ", " + width + "], smoothing " + smoothing;
      loss.crossEntropy(rows, width, ignore, smoothing, x, l, out, logSumExp);
      double largest = 0; // a loss is a difference of logits and their log-sum-exp
      for (float logit : logits) {
        largest = Float.isInfinite(logit) ? largest : Math.max(largest, Math.abs(logit));
      }
      Expect.relative(what, losses, b.read(out, rows), 2e-6, 1e-6 + 3e-7 * largest);

      long dx = b.blank(logits.length);
      long sum = b.put(before);
      long over = b.put(logits);
      loss.crossEntropyBackward(rows, width, ignore, smoothing, x, l, logSumExp, d, dx, false);
      loss.crossEntropyBackward(rows, width, ignore, smoothing, x, l, logSumExp, d, sum, true);
      loss.crossEntropyBackward(rows, width, ignore, smoothing, over, l, logSumExp, d, over, false);
      double tolerance = largest > 1000 ? 2e-3 : 1e-5; // exp(x - lse) where x has few digits left
      Expect.close(what + ", gradient", gradient, b.read(dx, logits.length), tolerance);
      Expect.bits(what + ", in place", b.read(dx, logits.length), b.read(over, logits.length));
      Expect.close(
          what + ", added",
          Values.sum(gradient, Values.doubles(before)),
          b.read(sum, logits.length),
          tolerance);
    }
  }

  private static int[] labels(Random random, int rows, int width, int ignore) {
    int[] labels = Values.indices(random, rows, width);
    for (int r = 0; r < rows; r++) {
      labels[r] = random.nextInt(4) == 0 ? ignore : labels[r];
    }
    return labels;
  }
}
