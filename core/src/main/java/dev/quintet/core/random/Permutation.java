package dev.quintet.core.random;

import java.util.List;
import java.util.random.RandomGenerator;

/// Unbiased shuffles (Fisher-Yates, Durstenfeld's form: from the end, each place swaps with one at
/// or before it).
public final class Permutation {
  private Permutation() {}

  /// Returns the numbers 0 to n - 1 in the order that belongs to (seed, stream).
  ///
  /// @param stream what is shuffled, and for which epoch
  /// @throws IllegalArgumentException if n is negative
  public static int[] of(long seed, long stream, int n) {
    if (n < 0) {
      throw new IllegalArgumentException("permutation: the length must be 0 or more, but is " + n);
    }
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    shuffle(order, Philox.of(seed, stream));
    return order;
  }

  /// Shuffles an array in place.
  public static void shuffle(int[] values, RandomGenerator random) {
    for (int last = values.length - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      int held = values[last];
      values[last] = values[other];
      values[other] = held;
    }
  }

  /// Shuffles a list in place.
  ///
  /// @throws UnsupportedOperationException if the list cannot be changed
  public static <T> void shuffle(List<T> values, RandomGenerator random) {
    for (int last = values.size() - 1; last > 0; last--) {
      values.set(last, values.set(random.nextInt(last + 1), values.get(last)));
    }
  }
}
