package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.OptimizerKernels.Adafactor;
import dev.quintet.core.backend.OptimizerKernels.AdamW;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
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
  void updatesByTheMeansOfRowsAndColumns() {
    Values.trials(
        40,
        random -> {
          var axes =
              new Matrices(
                  1 + random.nextInt(2),
                  Values.oneOf(random, 1, 2, 7, 65, 300),
                  Values.oneOf(random, 1, 3, 16, 37, 130));
          checkFactored(adafactor(random), axes, random);
        });
    checkFactored(adafactor(new Random(4)), new Matrices(1, 30, 5000), new Random(5));
    checkFactored(adafactor(new Random(6)), new Matrices(1, 5000, 30), new Random(7));
  }

  @Test
  void updatesByTheWholeSecondMoment() {
    Values.trials(
        30,
        random -> {
          int count = 1 + Values.oneOf(random, COUNTS);
          Adafactor update = adafactor(random);
          float scale = random.nextBoolean() ? 0 : random.nextFloat();
          boolean averages = update.beta1() > 0;
          float[] p = Values.normal(random, count);
          float[] g = Values.normal(random, count);
          float[] v = Values.uniform(random, count, 0.01f, 2);
          float[] m = Values.normal(random, averages ? count : 0);
          double[] wideP = Values.doubles(p);
          double[] wideV = Values.doubles(v);
          double[] wideM = Values.doubles(m);
          PlainOptimizer.adafactor(
              update, scale == 0 ? 1 : scale, wideP, Values.doubles(g), wideV, wideM);
          try (Buffers b = buffers()) {
            long parameter = b.put(p);
            long second = b.put(v);
            long first = averages ? b.put(m) : 0;
            long factor = scale == 0 ? 0 : b.put(scale);
            backend()
                .optimizer()
                .adafactor(update, factor, parameter, b.put(g), second, first, count);
            Expect.close(update + ", second moment", wideV, b.read(second, count), 3e-7);
            Expect.close(update + ", parameter", wideP, b.read(parameter, count), 1e-6);
            if (averages) {
              Expect.close(update + ", first moment", wideM, b.read(first, count), 1e-6);
            }
          }
        });
  }

  /// As for rows of an embedding that no token of a batch has.
  @Test
  void rowsWithoutGradientStayWhereAdafactorMovesOthers() {
    var update = new Adafactor(0.1, 0, 0, 1e-30, 1, false, 0, 1, 0, true);
    float[] start = Values.normal(new Random(8), 4 * 19);
    float[] g = Values.normal(new Random(9), 4 * 19);
    java.util.Arrays.fill(g, 19, 57, 0);
    try (Buffers b = buffers()) {
      long parameter = b.put(start);
      long row = b.put(new float[4]);
      long column = b.put(new float[19]);
      backend()
          .optimizer()
          .adafactor(update, 0, new Matrices(1, 4, 19), parameter, b.put(g), row, column, 0);
      float[] moved = b.read(parameter, 4 * 19);
      for (int i = 0; i < moved.length; i++) {
        assertEquals(i >= 19 && i < 57, moved[i] == start[i], "element " + i);
      }
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

  @Test
  void adafactorGivesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    for (var axes : new Matrices[] {new Matrices(1, 5, 19), new Matrices(1, 900, 223)}) {
      int count = (int) axes.elements();
      var update = new Adafactor(0.1, 0.9, 0.5, 1e-30, 1, true, 1e-3, 1e9, 0.1, true);
      float[] p = Values.normal(new Random(10), count);
      float[] g = Values.normal(new Random(11), count);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long parameter = b.put(p);
            long gradient = b.put(g);
            long row = b.put(new float[axes.rows()]);
            long column = b.put(new float[axes.columns()]);
            long first = b.put(new float[count]);
            OptimizerKernels optimizer = backend().optimizer();
            optimizer.adafactor(update, 0, axes, parameter, gradient, row, column, first);
            optimizer.adafactor(update, 0, parameter, gradient, b.put(p), first, count);
            return b.read(parameter, count);
          });
    }
  }

  private static Adafactor adafactor(Random random) {
    return new Adafactor(
        0.1 * random.nextDouble(),
        random.nextBoolean() ? 0 : 0.9,
        random.nextBoolean() ? 0 : random.nextDouble(),
        random.nextBoolean() ? 1e-30 : 1e-3,
        random.nextBoolean() ? 1 : 0.3,
        random.nextBoolean(),
        1e-3,
        random.nextBoolean() ? Double.POSITIVE_INFINITY : 0.5,
        random.nextBoolean() ? 0 : 0.1,
        random.nextBoolean());
  }

  private void checkFactored(Adafactor update, Matrices axes, Random random) {
    float scale = random.nextBoolean() ? 0 : random.nextFloat();
    boolean averages = update.beta1() > 0;
    int count = (int) axes.elements();
    int rows = axes.matrices() * axes.rows();
    int columns = axes.matrices() * axes.columns();
    float[] p = Values.normal(random, count);
    float[] g = Values.normal(random, count);
    float[] r = Values.uniform(random, rows, 0.01f, 2);
    float[] c = Values.uniform(random, columns, 0.01f, 2);
    float[] m = Values.normal(random, averages ? count : 0);
    double[] wideP = Values.doubles(p);
    double[] wideR = Values.doubles(r);
    double[] wideC = Values.doubles(c);
    double[] wideM = Values.doubles(m);
    PlainOptimizer.adafactor(
        update, scale == 0 ? 1 : scale, axes, wideP, Values.doubles(g), wideR, wideC, wideM);
    String what = update + " of " + axes;
    try (Buffers b = buffers()) {
      long parameter = b.put(p);
      long row = b.put(r);
      long column = b.put(c);
      long first = averages ? b.put(m) : 0;
      long factor = scale == 0 ? 0 : b.put(scale);
      backend()
          .optimizer()
          .adafactor(update, factor, axes, parameter, b.put(g), row, column, first);
      Expect.close(what + ", rows", wideR, b.read(row, rows), 3e-7);
      Expect.close(what + ", columns", wideC, b.read(column, columns), 1e-6);
      Expect.close(what + ", parameter", wideP, b.read(parameter, count), 1e-6);
      if (averages) {
        Expect.close(what + ", first moment", wideM, b.read(first, count), 1e-6);
      }
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
