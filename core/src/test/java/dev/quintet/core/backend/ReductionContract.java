package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.quintet.core.backend.ReductionKernels.Reduction;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What every backend's reductions, cumulative sums and selections must do.
public abstract class ReductionContract extends BackendContract {
  private static final int[] OUTER = {1, 2, 3, 7, 16, 33};
  private static final int[] AXIS = {1, 2, 3, 5, 8, 15, 16, 17, 31, 64, 100, 1000, 1025};
  private static final int[] INNER = {1, 1, 2, 3, 8, 16, 17, 40};
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void reducesTheMiddleAxis(Reduction op) {
    Values.trials(
        40,
        random ->
            checkReduce(
                op,
                Values.oneOf(random, OUTER),
                Values.oneOf(random, AXIS),
                Values.oneOf(random, INNER),
                random));
    checkReduce(op, 1, 100_003, 1, new Random(1));
    checkReduce(op, 1, 5003, 33, new Random(2));
    checkReduce(op, 5003, 3, 1, new Random(3));
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void reducesIntegers(Reduction op) {
    Values.trials(
        20,
        random -> {
          int outer = Values.oneOf(random, OUTER);
          int axis = Values.oneOf(random, AXIS);
          int inner = Values.oneOf(random, INNER);
          int[] x = random.ints((long) outer * axis * inner).toArray();
          double[] wide = Arrays.stream(x).asDoubleStream().toArray();
          double[] exact = PlainReduction.reduce(op, outer, axis, inner, wide);
          int[] expected = Arrays.stream(exact).mapToInt(v -> (int) (long) v).toArray();
          try (Buffers b = buffers()) {
            long y = b.blank(expected.length);
            backend().reduction().reduceInts(op, outer, axis, inner, b.put(x), y);
            assertArrayEquals(expected, b.readInts(y, expected.length));
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void reducesEmptyAxesToTheNeutralElement(Reduction op) {
    checkReduce(op, 3, 0, 5, new Random(1));
    checkReduce(op, 3, 0, 1, new Random(1));
    checkReduce(op, 0, 4, 5, new Random(1));
    checkReduce(op, 4, 5, 0, new Random(1));
  }

  /// A float32 sum of 1e8 does not change when 0.3 is added.
  @Test
  void keepsLongSumsInFloat64Parts() {
    float[] x = new float[1_000_001];
    Arrays.fill(x, 0.3f);
    x[0] = 1e8f;
    try (Buffers b = buffers()) {
      long y = b.blank(1);
      backend().reduction().reduce(Reduction.SUM, 1, x.length, 1, b.put(x), y);
      Expect.relative("sum", new double[] {1e8 + 1e6 * 0.3f}, b.read(y, 1), 1e-6, 0);
    }
  }

  @Test
  void findsExtremesAmongInfinitiesAndNaN() {
    float[] x = {-INFINITY, -INFINITY, -INFINITY, 1, INFINITY, 2, 3, Float.NaN, 4, -5, -6, -7};
    try (Buffers b = buffers()) {
      long y = b.blank(4);
      backend().reduction().reduce(Reduction.MAX, 4, 3, 1, b.put(x), y);
      Expect.bits("max", new float[] {-INFINITY, INFINITY, Float.NaN, -5}, b.read(y, 4));
      backend().reduction().reduce(Reduction.MIN, 4, 3, 1, b.put(x), y);
      Expect.bits("min", new float[] {-INFINITY, 1, Float.NaN, -7}, b.read(y, 4));
    }
  }

  @Test
  void findsTheFirstOfTheLargest() {
    Values.trials(
        40,
        random -> {
          int outer = Values.oneOf(random, OUTER);
          int axis = Values.oneOf(random, AXIS);
          checkArgMax(coarse(random, outer * axis), outer, axis);
        });
    checkArgMax(new float[] {1, Float.NaN, 3, Float.NaN, 5, 6}, 1, 6);
    checkArgMax(new float[] {-INFINITY, -INFINITY, -INFINITY}, 1, 3);
    checkArgMax(new float[] {-0f, 0f, -1}, 1, 3);
    float[] row = Values.normal(new Random(3), 32128);
    checkArgMax(row, 1, 32128);
    row[32127] = 100;
    checkArgMax(row, 1, 32128);
  }

  @Test
  void findsTheLargestInOrder() {
    Values.trials(
        40,
        random -> {
          int outer = Values.oneOf(random, OUTER);
          int axis = Values.oneOf(random, AXIS);
          int k = random.nextInt(Math.min(axis, 20) + 1);
          checkTopK(coarse(random, outer * axis), outer, axis, k);
        });
    checkTopK(Values.normal(new Random(4), 2 * 5003), 2, 5003, 50);
    checkTopK(Values.normal(new Random(5), 300), 1, 300, 300);
    checkTopK(Values.normal(new Random(6), 5003), 1, 5003, 1024);
    checkTopK(coarse(new Random(7), 2 * 1300), 2, 1300, 1100);
    checkTopK(new float[] {1, Float.NaN, INFINITY, -INFINITY, 2, Float.NaN}, 1, 6, 6);
  }

  @Test
  void addsUpAlongTheAxis() {
    Values.trials(
        30,
        random -> {
          int outer = Values.oneOf(random, OUTER);
          int axis = Values.oneOf(random, AXIS);
          int inner = Values.oneOf(random, INNER);
          boolean reverse = random.nextBoolean();
          float[] x = Values.normal(random, (long) outer * axis * inner);
          double[] expected =
              PlainReduction.cumulativeSum(outer, axis, inner, reverse, Values.doubles(x));
          try (Buffers b = buffers()) {
            long y = b.blank(x.length);
            long over = b.put(x);
            backend().reduction().cumulativeSum(outer, axis, inner, reverse, b.put(x), y);
            backend().reduction().cumulativeSum(outer, axis, inner, reverse, over, over);
            Expect.close("cumulative sum", expected, b.read(y, x.length), 5e-6);
            Expect.bits("in place", b.read(y, x.length), b.read(over, x.length));
          }
        });
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    int[][] sizes = {{3, 29, 1}, {2, 9, 5}, {1, 60_007, 1}, {1, 2003, 35}, {700, 40, 1}};
    for (int[] s : sizes) {
      int results = s[0] * s[2];
      float[] x = Values.normal(new Random(6), results * s[1]);
      assertSameBits(
          x.length < 100 ? 3000 : 8,
          b -> {
            long y = b.blank(results + x.length);
            long in = b.put(x);
            backend().reduction().reduce(Reduction.SUM, s[0], s[1], s[2], in, y);
            backend().reduction().cumulativeSum(s[0], s[1], s[2], false, in, y + 4L * results);
            return b.read(y, results + x.length);
          });
    }
  }

  private void checkReduce(Reduction op, int outer, int axis, int inner, Random random) {
    float[] x = Values.normal(random, (long) outer * axis * inner);
    double[] wide = Values.doubles(x);
    double[] expected = PlainReduction.reduce(op, outer, axis, inner, wide);
    try (Buffers b = buffers()) {
      long y = b.blank(expected.length);
      backend().reduction().reduce(op, outer, axis, inner, b.put(x), y);
      double summands = Math.sqrt(axis); // the size of a sum whose summands do not cancel
      Expect.relative(
          op + " of [" + outer + ", " + axis + ", " + inner + "]",
          expected,
          b.read(y, expected.length),
          0,
          op == Reduction.SUM ? 1e-6 * summands : 0);
    }
  }

  private void checkArgMax(float[] x, int outer, int axis) {
    int[] expected = new int[outer];
    for (int o = 0; o < outer; o++) {
      expected[o] = PlainReduction.topK(row(x, o, axis), 1)[0];
    }
    try (Buffers b = buffers()) {
      long indices = b.blank(outer);
      backend().reduction().argMax(outer, axis, b.put(x), indices);
      assertArrayEquals(expected, b.readInts(indices, outer), outer + " rows of " + axis);
    }
  }

  private void checkTopK(float[] x, int outer, int axis, int k) {
    int[] places = new int[outer * k];
    float[] largest = new float[outer * k];
    for (int o = 0; o < outer; o++) {
      int[] found = PlainReduction.topK(row(x, o, axis), k);
      for (int i = 0; i < k; i++) {
        places[o * k + i] = found[i];
        largest[o * k + i] = x[o * axis + found[i]];
      }
    }
    try (Buffers b = buffers()) {
      long values = b.blank(outer * k);
      long indices = b.blank(outer * k);
      backend().reduction().topK(outer, axis, k, b.put(x), values, indices);
      assertArrayEquals(places, b.readInts(indices, outer * k), "top " + k + " of " + axis);
      Expect.bits("values", largest, b.read(values, outer * k));
    }
  }

  private static float[] row(float[] x, int row, int width) {
    return Arrays.copyOfRange(x, row * width, (row + 1) * width);
  }

  /// Many equal numbers.
  private static float[] coarse(Random random, int count) {
    return Values.floats(random.doubles(count, -9, 9).map(Math::floor).toArray());
  }
}
