package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.core.shape.DType;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every backend's cross entropy must do.
public abstract class LossContract extends BackendContract {
  private static final int[] ROWS = {0, 1, 2, 5, 17, 64};
  private static final int[] WIDTHS = {1, 2, 3, 8, 15, 17, 33, 100, 128, 1000};

  /// Logits of rows to be tried.
  protected int[] widths() {
    return WIDTHS;
  }

  @Test
  void computesLossesAndGradients() {
    Values.trials(
        50,
        random -> {
          int rows = Values.oneOf(random, ROWS);
          int width = Values.oneOf(random, widths());
          float smoothing = random.nextBoolean() ? 0 : 0.1f;
          float zLoss = random.nextBoolean() ? 0 : 0.01f;
          float[] logits = Values.normal(random, rows * width);
          for (int i = 0; i < logits.length; i++) {
            logits[i] *= 3;
          }
          var call = new LossCall(rows, width, -100, smoothing, zLoss, 0.3f, 0, Types.F32);
          check(call, logits, labels(random, rows, width, -100), random);
        });
    Random random = new Random(1);
    float[] logits = Values.normal(random, 7 * 32128);
    check(call(7, 32128, -100, 0.1f), logits, labels(random, 7, 32128, -100), random);
  }

  @Test
  void ignoresALabelThatIsWithinTheVocabulary() {
    Random random = new Random(2);
    int[] labels = {0, 3, 0, 8, 0, 1};
    check(call(6, 9, 0, 0.1f), Values.normal(random, 6 * 9), labels, random);
  }

  @Test
  void staysFiniteForLargeLogits() {
    Random random = new Random(3);
    float[] logits = Values.normal(random, 3 * 19);
    for (int i = 0; i < logits.length; i++) {
      logits[i] *= 1e4f;
    }
    logits[5] = Float.NEGATIVE_INFINITY;
    check(call(3, 19, -100, 0), logits, new int[] {0, 7, 18}, random);
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
              backend().loss().crossEntropy(call(2, 9, -100, 0), logits, labels, losses, logSumExp);
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
      LossCall call = call(rows, width, -100, 0.1f);
      Random random = new Random(4);
      float[] logits = Values.normal(random, count);
      int[] labels = labels(random, rows, width, -100);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long x = b.put(logits);
            long l = b.put(labels);
            long y = b.blank(2L * rows + count);
            LossKernels loss = backend().loss();
            loss.crossEntropy(call, x, l, y, y + 4L * rows);
            Gradient dx = new Gradient(y + 8L * rows, false);
            loss.crossEntropyBackward(call, x, l, y + 4L * rows, b.put(0.7f), dx);
            return b.read(y, 2L * rows + count);
          });
    }
  }

  /// The scale of a call with a state is the state's.
  @Test
  void readsTheScaleOfLossesFromTheRunState() {
    LossKernels loss = backend().loss();
    try (Buffers b = buffers()) {
      long state = b.put(new RunState.Inputs(1, 2, 3, 4, 0.25f).words());
      var call = new LossCall(3, 5, -100, 0, 0, 99, state, Types.F32);
      var same = new LossCall(3, 5, -100, 0, 0, 0.25f, 0, Types.F32);
      long x = b.put(Values.normal(new Random(5), 15));
      long labels = b.put(1, -100, 4);
      long losses = b.blank(3);
      long logSumExp = b.blank(3);
      long totals = b.blank(2);
      long gradients = b.blank(30);
      loss.crossEntropy(call, x, labels, losses, logSumExp);
      loss.total(call, losses, totals);
      loss.total(same, losses, totals + 4);
      loss.crossEntropyBackward(
          call, x, labels, logSumExp, b.put(2f), new Gradient(gradients, false));
      loss.crossEntropyBackward(
          same, x, labels, logSumExp, b.put(2f), new Gradient(gradients + 60, false));
      float[] rows = b.read(losses, 3);
      Expect.bits("total", new float[] {0.25f * (rows[0] + rows[2])}, b.read(totals, 1));
      Expect.bits("total", b.read(totals, 1), b.read(totals + 4, 1));
      Expect.bits("gradient", b.read(gradients, 15), b.read(gradients + 60, 15));
    }
  }

  @Test
  void scalesByAFactorInMemory() {
    try (Buffers b = buffers()) {
      long x = b.put(1f, -2f, Float.NaN);
      backend().loss().scale(b.put(1f), DType.F32, x, 3);
      Expect.bits("by 1", new float[] {1, -2, Float.NaN}, b.read(x, 3));
      backend().loss().scale(b.put(0.5f), DType.F32, x, 3);
      Expect.bits("by 0.5", new float[] {0.5f, -1, Float.NaN}, b.read(x, 3));
      backend().loss().scale(b.put(0.5f), DType.F32, x, 0);
    }
  }

  /// The head and the loss in one, beside a product and a loss, whose bits it has but for the order of sums in dWeight.
  @Test
  void computesLossesAndGradientsOfAHeadByChunks() {
    int[][] sizes = {
      {70, 33, 8, 100}, {70, 33, 8, 35}, {131, 100, 20, 40}, {1, 3, 2, 2048}, {0, 5, 3, 4}
    };
    for (int[] s : sizes) {
      int rows = s[0];
      int width = s[1];
      int inner = s[2];
      Random random = new Random(6);
      LossCall call = call(rows, width, -100, 0.1f);
      MatmulKernels matmul = backend().matmul();
      LossKernels loss = backend().loss();
      try (Buffers b = buffers()) {
        long x = b.put(Values.normal(random, rows * inner));
        long weight = b.put(Values.normal(random, width * inner));
        long labels = b.put(labels(random, rows, width, -100));
        long logits = b.blank(rows * width);
        long losses = b.blank(2L * rows);
        long dx = b.blank(rows * inner);
        float[] before = Values.normal(random, width * inner);
        long dWeight = b.put(before);
        matmul.multiply(Product.nt(rows, width, inner), x, weight, logits);
        loss.crossEntropy(call, logits, labels, losses, losses + 4L * rows);
        loss.crossEntropyBackward(
            call, logits, labels, losses + 4L * rows, 0, new Gradient(logits, false));
        matmul.multiply(Product.nn(rows, inner, width), logits, weight, dx);
        matmul.multiply(Product.tn(width, inner, rows).withAccumulate(true), logits, x, dWeight);

        var head = new LossKernels.Head(inner, s[3], x, weight);
        long together = b.blank(rows);
        long dxTogether = b.blank(rows * inner);
        long dWeightTogether = b.put(before);
        long dWeightAlone = b.blank(width * inner);
        loss.linearCrossEntropy(
            call,
            head,
            labels,
            together,
            new Gradient(dxTogether, false),
            new Gradient(dWeightTogether, true));
        String what = Arrays.toString(s);
        Expect.bits(what, b.read(losses, rows), b.read(together, rows));
        Expect.bits(what + ", dx", b.read(dx, rows * inner), b.read(dxTogether, rows * inner));
        double[] expected = Values.doubles(b.read(dWeight, width * inner));
        Expect.close(what + ", dW", expected, b.read(dWeightTogether, width * inner), 1e-5);

        loss.linearCrossEntropy(
            call, head, labels, together, Gradient.NONE, new Gradient(dWeightAlone, false));
        for (int i = 0; i < before.length; i++) {
          expected[i] -= before[i];
        }
        Expect.close(what + ", dW alone", expected, b.read(dWeightAlone, width * inner), 1e-5);
        loss.linearCrossEntropy(call, head, labels, together, Gradient.NONE, Gradient.NONE);
        Expect.bits(what + " alone", b.read(losses, rows), b.read(together, rows));
      }
    }
  }

  /// Bfloat16 logits are widened, and their gradient narrowed.
  @Test
  void computesBfloat16() {
    int rows = 5;
    int width = 33;
    int count = rows * width;
    LossCall wide = call(rows, width, -100, 0.1f);
    LossCall narrow = new LossCall(rows, width, -100, 0.1f, 0, 0.3f, 0, Types.of(DType.BF16));
    Random random = new Random(8);
    LossKernels loss = backend().loss();
    LayoutKernels layout = backend().layout();
    try (Buffers b = buffers()) {
      long x = b.put(Values.normal(random, count));
      long half = b.blankShorts(count);
      layout.cast(DType.F32, DType.BF16, x, half, count);
      layout.cast(DType.BF16, DType.F32, half, x, count);
      long labels = b.put(labels(random, rows, width, -100));
      long[] results = {b.blank(2L * rows), b.blank(2L * rows)};
      loss.crossEntropy(wide, x, labels, results[0], results[0] + 4 * rows);
      loss.crossEntropy(narrow, half, labels, results[1], results[1] + 4 * rows);
      Expect.bits("losses", b.read(results[0], 2 * rows), b.read(results[1], 2 * rows));
      long lse = results[0] + 4 * rows;
      loss.crossEntropyBackward(wide, x, labels, lse, 0, new Gradient(x, false));
      loss.crossEntropyBackward(narrow, half, labels, lse, 0, new Gradient(half, false));
      long expected = b.blankShorts(count);
      layout.cast(DType.F32, DType.BF16, x, expected, count);
      assertArrayEquals(b.readShorts(expected, count), b.readShorts(half, count));
      loss.scale(b.put(0.5f), DType.BF16, half, count);
      loss.scale(b.put(0.5f), DType.F32, x, count);
      layout.cast(DType.F32, DType.BF16, x, expected, count);
      assertArrayEquals(b.readShorts(expected, count), b.readShorts(half, count));
    }
  }

  private void check(LossCall call, float[] logits, int[] labels, Random random) {
    int rows = labels.length;
    float[] before = Values.normal(random, logits.length);
    double[] wide = Values.doubles(logits);
    double[] losses = PlainLoss.crossEntropy(call, wide, labels);
    double[] gradient = PlainLoss.crossEntropyBackward(call, wide, labels, 1.5);
    LossKernels loss = backend().loss();
    try (Buffers b = buffers()) {
      long x = b.put(logits);
      long l = b.put(labels);
      long d = b.put(1.5f);
      long out = b.blank(rows);
      long lse = b.blank(rows);
      String what = call.toString();
      loss.crossEntropy(call, x, l, out, lse);
      double largest = 0; // a loss is a difference of logits and their log-sum-exp
      for (float logit : logits) {
        largest = Float.isInfinite(logit) ? largest : Math.max(largest, Math.abs(logit));
      }
      Expect.relative(what, losses, b.read(out, rows), 2e-6, 1e-6 + 3e-7 * largest);

      long dx = b.blank(logits.length);
      long sum = b.put(before);
      long over = b.put(logits);
      loss.crossEntropyBackward(call, x, l, lse, d, new Gradient(dx, false));
      loss.crossEntropyBackward(call, x, l, lse, d, new Gradient(sum, true));
      loss.crossEntropyBackward(call, over, l, lse, d, new Gradient(over, false));
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

  private static LossCall call(int rows, int width, int ignore, float smoothing) {
    return new LossCall(rows, width, ignore, smoothing, 0, 0.3f, 0, Types.F32);
  }

  private static int[] labels(Random random, int rows, int width, int ignore) {
    int[] labels = Values.indices(random, rows, width);
    for (int r = 0; r < rows; r++) {
      labels[r] = random.nextInt(4) == 0 ? ignore : labels[r];
    }
    return labels;
  }
}
