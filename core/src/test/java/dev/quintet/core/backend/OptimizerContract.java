package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.OptimizerKernels.AdamW;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every backend's optimizer updates must do.
public abstract class OptimizerContract extends BackendContract {
  private static final int[] COUNTS = {0, 1, 3, 8, 16, 17, 33, 100, 1023, 4099, 30_001};

  @Test
  void updatesAsPyTorchDoes() {
    Values.trials(
        30,
        random -> {
          int count = Values.oneOf(random, COUNTS);
          AdamW update =
              new AdamW(
                  0.01f * random.nextFloat(),
                  0.9f,
                  random.nextBoolean() ? 0.999f : 0.95f,
                  random.nextBoolean() ? 1e-8f : 1e-6f,
                  random.nextBoolean() ? 0 : 0.1f,
                  1 + random.nextInt(500));
          checkStep(update, random.nextBoolean() ? 0 : random.nextFloat(), count, random);
        });
  }

  @Test
  void follows12StepsFromTheBeginning() {
    Random random = new Random(1);
    int count = 203;
    float[] start = Values.normal(random, count);
    double[] p = Values.doubles(start);
    double[] m = new double[count];
    double[] v = new double[count];
    try (Buffers b = buffers()) {
      long parameter = b.put(start);
      long first = b.put(new float[count]);
      long second = b.put(new float[count]);
      for (int step = 1; step <= 12; step++) {
        float[] g = Values.normal(random, count);
        AdamW update = new AdamW(3e-3f, 0.9f, 0.999f, 1e-8f, 0.01f, step);
        PlainOptimizer.adamW(update, 1, p, Values.doubles(g), m, v);
        backend().optimizer().adamW(update, 0, parameter, b.put(g), first, second, count);
      }
      Expect.close("parameter", p, b.read(parameter, count), 1e-6);
      Expect.close("first moment", m, b.read(first, count), 1e-6);
      Expect.close("second moment", v, b.read(second, count), 1e-6);
    }
  }

  /// A gradient of zero must not divide zero by zero.
  @Test
  void leavesParametersWithoutGradientAlone() {
    try (Buffers b = buffers()) {
      float[] start = Values.normal(new Random(2), 19);
      long parameter = b.put(start);
      long zeros = b.put(new float[19]);
      backend()
          .optimizer()
          .adamW(
              new AdamW(0.1f, 0.9f, 0.999f, 1e-8f, 0, 1),
              0,
              parameter,
              zeros,
              b.put(new float[19]),
              b.put(new float[19]),
              19);
      Expect.bits("parameter", start, b.read(parameter, 19));
    }
  }

  @Test
  void sumsSquaresInFloat64() {
    Values.trials(
        20,
        random -> {
          int count = Values.oneOf(random, COUNTS);
          float[] x = Values.normal(random, count);
          double expected = 0;
          for (float value : x) {
            expected += (double) value * value;
          }
          try (Buffers b = buffers()) {
            long sum = b.blankDouble();
            backend().optimizer().sumOfSquares(b.put(x), count, sum, false);
            assertEquals(expected, b.readDouble(sum), 1e-12 * expected);
            backend().optimizer().sumOfSquares(b.put(x), count, sum, true);
            assertEquals(2 * expected, b.readDouble(sum), 2e-12 * expected);
          }
        });
  }

  @Test
  void sumsSquaresThatFloat32CannotHold() {
    try (Buffers b = buffers()) {
      long sum = b.blankDouble();
      backend().optimizer().sumOfSquares(b.put(1e30f, -2e30f, 1e-30f), 3, sum, false);
      assertEquals(5e60, b.readDouble(sum), 1e-6 * 5e60);
    }
  }

  @Test
  void clipsByNorm() {
    assertClips(1, 25, 5, 1 / (5 + 1e-6));
    assertClips(7, 25, 5, 1);
    assertClips(5, 25, 5, 5 / (5 + 1e-6));
    assertClips(1, 0, 0, 1);
    assertClips(Float.POSITIVE_INFINITY, 25, 5, 1);
    assertClips(1, Double.NaN, Double.NaN, Double.NaN);
    assertClips(1, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    for (int count : new int[] {19, 200_003}) {
      Random random = new Random(3);
      float[] p = Values.normal(random, count);
      float[] g = Values.normal(random, count);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long parameter = b.put(p);
            long gradient = b.put(g);
            long sum = b.blankDouble();
            long norm = b.blank(1);
            long scale = b.blank(1);
            OptimizerKernels optimizer = backend().optimizer();
            optimizer.sumOfSquares(gradient, count, sum, false);
            optimizer.clip(1, sum, norm, scale);
            optimizer.adamW(
                new AdamW(1e-2f, 0.9f, 0.999f, 1e-8f, 0.1f, 7),
                scale,
                parameter,
                gradient,
                b.put(new float[count]),
                b.put(new float[count]),
                count);
            return b.read(parameter, count);
          });
    }
  }

  private void checkStep(AdamW update, float scale, int count, Random random) {
    float[] p = Values.normal(random, count);
    float[] g = Values.normal(random, count);
    float[] m = Values.normal(random, count);
    float[] v = Values.uniform(random, count, 0.01f, 2);
    double[] wideP = Values.doubles(p);
    double[] wideM = Values.doubles(m);
    double[] wideV = Values.doubles(v);
    PlainOptimizer.adamW(update, scale == 0 ? 1 : scale, wideP, Values.doubles(g), wideM, wideV);
    try (Buffers b = buffers()) {
      long parameter = b.put(p);
      long first = b.put(m);
      long second = b.put(v);
      backend()
          .optimizer()
          .adamW(update, scale == 0 ? 0 : b.put(scale), parameter, b.put(g), first, second, count);
      Expect.close(update + ", first moment", wideM, b.read(first, count), 3e-7);
      Expect.close(update + ", second moment", wideV, b.read(second, count), 3e-7);
      Expect.relative(update + ", parameter", wideP, b.read(parameter, count), 3e-7, 1e-7);
    }
  }

  private void assertClips(float maximum, double sum, double norm, double scale) {
    try (Buffers b = buffers()) {
      long toNorm = b.blank(1);
      long toScale = b.blank(1);
      backend().optimizer().clip(maximum, b.putDouble(sum), toNorm, toScale);
      Expect.relative("norm", new double[] {norm}, b.read(toNorm, 1), 1e-7, 0);
      Expect.relative("scale", new double[] {scale}, b.read(toScale, 1), 1e-7, 0);
    }
  }
}
