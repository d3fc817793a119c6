package dev.quintet.core.backend;

import dev.quintet.core.shape.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/// Random operands, and how float32 and float64 go to and fro.
final class Values {
  private static final DType[] REAL = {DType.F32, DType.BF16};

  private Values() {}

  /// Runs a randomised test several times, each with a seed of its own that a failure names;
  /// `-Dquintet.seed=N` starts from that one.
  static void trials(int count, Consumer<Random> trial) {
    long first = Long.getLong("quintet.seed", 20260101L);
    for (long seed = first; seed < first + count; seed++) {
      try {
        trial.accept(new Random(seed));
      } catch (Throwable e) {
        throw new AssertionError("repeat with -Dquintet.seed=" + seed + ": " + e.getMessage(), e);
      }
    }
  }

  /// Normally distributed numbers.
  static float[] normal(Random random, long count) {
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /// Numbers between two limits.
  static float[] uniform(Random random, long count, float low, float high) {
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = low + (high - low) * random.nextFloat();
    }
    return values;
  }

  /// Whole numbers from 0 to below a limit.
  static int[] indices(Random random, long count, int limit) {
    return random.ints(count, 0, limit).toArray();
  }

  /// One of these.
  static int oneOf(Random random, int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  static double[] doubles(float... values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  static float[] floats(double... values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  /// The bfloat16 nearest to each.
  static short[] bfloat16(float... values) {
    short[] narrow = new short[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = PlainLayout.bfloat16(values[i]);
    }
    return narrow;
  }

  static float[] widened(short... values) {
    float[] wide = new float[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = PlainLayout.widen(values[i]);
    }
    return wide;
  }

  /// These, as a type holds them.
  static float[] of(DType type, float... values) {
    return type == DType.F32 ? values : widened(bfloat16(values));
  }

  /// Every choice of float32 and bfloat16, float32 alone first.
  static List<Types> types() {
    List<Types> all = new ArrayList<>();
    for (DType in : REAL) {
      for (DType weight : REAL) {
        for (DType out : REAL) {
          all.add(new Types(in, weight, out));
        }
      }
    }
    return all;
  }

  /// The sums of two arrays, element by element.
  static double[] sum(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }
}
