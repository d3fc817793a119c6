package dev.quintet.core.backend;

import java.util.Random;
import java.util.function.Consumer;

/// Random operands, and how float32 and float64 go to and fro.
final class Values {
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

  /// The sums of two arrays, element by element.
  static double[] sum(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }
}
