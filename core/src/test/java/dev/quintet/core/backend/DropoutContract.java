package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every backend's dropout must do: exactly what [DropoutMask] says.
public abstract class DropoutContract extends BackendContract {
  private static final int[] WIDTHS = {
    0, 1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 130, 500, 1023, 2048, 2100
  };

  @Test
  void dropsWhatTheMaskSays() {
    Values.trials(
        60,
        random -> check(mask(random), 1 + random.nextInt(5), Values.oneOf(random, WIDTHS), random));
    check(mask(new Random(1)), 1, 100_003, new Random(1));
    check(mask(new Random(2)), 300, 70, new Random(2));
    check(DropoutMask.NONE, 3, 70, new Random(3));
  }

  @Test
  void dropsTheSameElementsHoweverRowsArePadded() {
    DropoutMask mask = new DropoutMask(0.3f, 11, 5, 77, 3);
    float[] ones = ones(4 * 200);
    try (Buffers b = buffers()) {
      long wide = b.blank(4 * 200);
      long narrow = b.blank(4 * 150);
      backend().dropout().dropout(call(mask, 4, 200), b.put(ones), stored(wide));
      backend().dropout().dropout(call(mask, 4, 150), b.put(ones), stored(narrow));
      float[] all = b.read(wide, 800);
      float[] some = b.read(narrow, 600);
      for (int r = 0; r < 4; r++) {
        Expect.bits(
            "row " + r,
            Arrays.copyOfRange(all, r * 200, r * 200 + 150),
            Arrays.copyOfRange(some, r * 150, r * 150 + 150));
      }
    }
  }

  @Test
  void dropsTheSameElementsInOneBatchAndInParts() {
    DropoutMask mask = new DropoutMask(0.3f, 11, 5, 77, 0);
    try (Buffers b = buffers()) {
      long whole = b.blank(6 * 90);
      long parts = b.blank(6 * 90);
      long x = b.put(ones(6 * 90));
      backend().dropout().dropout(call(mask, 6, 90), x, stored(whole));
      for (int r = 0; r < 6; r++) {
        DropoutCall row = call(mask.fromRow(r), 1, 90);
        backend().dropout().dropout(row, x, stored(parts + 4L * r * 90));
      }
      Expect.bits("parts", b.read(whole, 540), b.read(parts, 540));
    }
  }

  @Test
  void keepsTheExpectation() {
    for (float p : new float[] {0.1f, 0.5f, 0.9f}) {
      try (Buffers b = buffers()) {
        int count = 200_000;
        long y = b.blank(count);
        DropoutMask mask = new DropoutMask(p, 42, 1, 2, 3);
        backend().dropout().dropout(call(mask, 2, count / 2), b.put(ones(count)), stored(y));
        double sum = 0;
        int kept = 0;
        for (float value : b.read(y, count)) {
          sum += value;
          kept += value != 0 ? 1 : 0;
        }
        double deviation = 4 * Math.sqrt(p * (1 - p) / count);
        assertEquals(1 - p, kept / (double) count, deviation);
        assertEquals(1, sum / count, deviation / (1 - p));
      }
    }
  }

  /// A dropped infinity or NaN is gone: a mask chooses, it does not multiply by zero.
  @Test
  void dropsWhatIsNotFinite() {
    float[] x = new float[256];
    Arrays.fill(x, Float.POSITIVE_INFINITY);
    DropoutMask mask = new DropoutMask(0.5f, 1, 2, 3, 4);
    try (Buffers b = buffers()) {
      long y = b.blank(256);
      backend().dropout().dropout(call(mask, 1, 256), b.put(x), stored(y));
      double[] factors = PlainDropout.factors(mask, 1, 256);
      float[] result = b.read(y, 256);
      for (int i = 0; i < 256; i++) {
        assertEquals(factors[i] == 0 ? 0f : Float.POSITIVE_INFINITY, result[i]);
      }
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    for (int[] s : new int[][] {{2, 33}, {9, 9001}}) {
      int count = s[0] * s[1];
      float[] x = Values.normal(new Random(5), count);
      float[] branch = Values.normal(new Random(6), count);
      DropoutMask mask = new DropoutMask(0.1f, 3, 4, 5, 6);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long y = b.blank(count);
            backend().dropout().residual(call(mask, s[0], s[1]), b.put(x), b.put(branch), y);
            return b.read(y, count);
          });
    }
  }

  private void check(DropoutMask mask, int rows, int width, Random random) {
    int count = rows * width;
    float[] x = Values.normal(random, count);
    float[] branch = Values.normal(random, count);
    double[] factors = PlainDropout.factors(mask, rows, width);
    float[] dropped = new float[count];
    double[] sum = new double[count];
    for (int i = 0; i < count; i++) {
      dropped[i] = factors[i] == 0 ? 0 : (float) (branch[i] * factors[i]);
      sum[i] = x[i] + branch[i] * factors[i];
    }
    DropoutKernels dropout = backend().dropout();
    DropoutCall call = call(mask, rows, width);
    try (Buffers b = buffers()) {
      long in = b.put(branch);
      long y = b.blank(count);
      dropout.dropout(call, in, stored(y));
      Expect.relative(mask.toString(), Values.doubles(dropped), b.read(y, count), 0, 0);
      long over = b.put(branch);
      dropout.dropout(call, over, stored(over));
      Expect.relative("in place", Values.doubles(dropped), b.read(over, count), 0, 0);
      long added = b.put(x);
      dropout.dropout(call, in, new Gradient(added, true));
      Expect.close("added", sum, b.read(added, count), 2e-7);
      dropout.residual(call, b.put(x), in, y);
      Expect.close("residual", sum, b.read(y, count), 2e-7);
      over = b.put(x);
      dropout.residual(call, over, in, over);
      Expect.bits("residual in place", b.read(y, count), b.read(over, count));
    }
  }

  /// Tokens without padding drop what they would drop in their places of a padded batch.
  @Test
  void findsElementsByThePlacesOfTheirRows() {
    for (int width : new int[] {1, 5, 64, 70, 500, 2100}) {
      int[] places = {7, 0, 7, 1, 7, 2, 9, 0, 9, 31, 8, 5};
      float[] x = Values.normal(new Random(width), 6 * width);
      float[] expected = new float[6 * width];
      DropoutMask mask = new DropoutMask(0.4f, 1, 2, 3, 4);
      for (int i = 0; i < expected.length; i++) {
        int row = i / width;
        int element = places[2 * row + 1] * width + i % width;
        expected[i] = (float) (x[i] * PlainDropout.factor(mask, places[2 * row], element));
      }
      try (Buffers b = buffers()) {
        long y = b.blank(x.length);
        DropoutCall call = call(mask.withPlaces(b.put(places)), 6, width);
        backend().dropout().dropout(call, b.put(x), stored(y));
        Expect.relative("places", Values.doubles(expected), b.read(y, x.length), 0, 0);
        long zeros = b.put(new float[x.length]);
        backend().dropout().residual(call, zeros, b.put(x), y);
        Expect.close("residual", Values.doubles(expected), b.read(y, x.length), 2e-7);
      }
    }
  }

  @Test
  void readsSeedStepAndFirstRowFromTheState() {
    float[] x = Values.normal(new Random(1), 3 * 90);
    try (Buffers b = buffers()) {
      int[] block = Arrays.copyOf(new RunState.Inputs(5, 6, 7, 0, 0).words(), RunState.BYTES / 4);
      DropoutMask given = new DropoutMask(0.4f, 0, 0, 3, 2, b.put(block), 0);
      DropoutMask said = new DropoutMask(0.4f, 5, 6, 3, 9);
      long y = b.blank(270);
      long z = b.blank(270);
      backend().dropout().dropout(call(given, 3, 90), b.put(x), stored(y));
      backend().dropout().dropout(call(said, 3, 90), b.put(x), stored(z));
      Expect.bits("state", b.read(z, 270), b.read(y, 270));
    }
  }

  /// What bfloat16 holds is what float32 computes of the same values, rounded.
  @Test
  void widensAndNarrowsBfloat16() {
    for (Types types : Values.types()) {
      float[][] expected = ofTypes(Types.F32, types);
      float[][] actual = ofTypes(types, types);
      for (int i = 0; i < expected.length; i++) {
        Expect.bits(types + ", result " + i, Values.of(types.out(), expected[i]), actual[i]);
      }
    }
  }

  /// A dropout that is added, and a residual sum, of operands of some types, whose values are those of others.
  private float[][] ofTypes(Types types, Types values) {
    DropoutMask mask = new DropoutMask(0.3f, 1, 2, 3, 4);
    DropoutCall call = new DropoutCall(mask, 2, 90, types);
    Random random = new Random(9);
    try (Buffers b = buffers()) {
      long branch = b.put(types.in(), Values.of(values.in(), Values.normal(random, 180)));
      long x = b.put(types.out(), Values.of(values.out(), Values.normal(random, 180)));
      long y = b.blank(types.out(), 180);
      backend().dropout().residual(call, x, branch, y);
      backend().dropout().dropout(call, branch, new Gradient(x, true));
      return new float[][] {b.read(types.out(), y, 180), b.read(types.out(), x, 180)};
    }
  }

  private static DropoutCall call(DropoutMask mask, int rows, long width) {
    return new DropoutCall(mask, rows, width, Types.F32);
  }

  private static DropoutMask mask(Random random) {
    float[] probabilities = {0, 1e-6f, 0.1f, 0.25f, 0.5f, 0.9f, 0.9999f};
    return new DropoutMask(
        probabilities[random.nextInt(probabilities.length)],
        random.nextLong(),
        random.nextLong(1000),
        random.nextLong(),
        random.nextInt(3) == 0 ? 0xFFFF_FFFEL : random.nextInt(100));
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
