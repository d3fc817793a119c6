package dev.quintet.core.random;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// A random number at every index of a site: what parameters are filled with at the start.
///
/// Values are a pure function of (seed, site, index), so a part of a parameter can be filled alone,
/// by any thread, in any order. Results come from `StrictMath` in double and are the same
/// everywhere.
///
/// @param seed the run's seed
/// @param site the parameter's path, through [Site#of]
public record RandomField(long seed, long site) {
  // The word "init" in ASCII: keeps these counters apart from dropout's, with -1 where it has the
  // step.
  private static final int DOMAIN = 0x696E6974;

  /// Returns the field of a parameter path.
  public static RandomField of(long seed, String path) {
    return new RandomField(seed, Site.of(path));
  }

  /// Returns the uniform number in [0, 1) at an index, a multiple of 2^-24.
  public float uniform(long index) {
    return unit(words(index >>> 2)[(int) (index & 3)]);
  }

  /// Returns the standard normal number at an index; its magnitude is below 6.8.
  public float normal(long index) {
    int[] words = words(index >>> 2);
    int pair = (int) (index & 2);
    double angle = angle(words[pair + 1]);
    double turn = (index & 1) == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle);
    return (float) (radius(words[pair]) * turn);
  }

  /// Fills F32 elements with uniform numbers in [low, high): `low + (high - low) * uniform(index)`.
  ///
  /// @param firstIndex the index of the destination's first element
  /// @param destination a whole number of F32 elements
  public void fillUniform(long firstIndex, MemorySegment destination, float low, float high) {
    long count = elements(destination);
    float width = high - low;
    for (long i = 0; i < count; ) {
      int[] words = words((firstIndex + i) >>> 2);
      for (int lane = (int) ((firstIndex + i) & 3); lane < 4 && i < count; lane++, i++) {
        destination.set(JAVA_FLOAT_UNALIGNED, i << 2, low + width * unit(words[lane]));
      }
    }
  }

  /// Fills F32 elements with normal numbers: `mean + deviation * normal(index)`.
  ///
  /// @param firstIndex the index of the destination's first element
  /// @param destination a whole number of F32 elements
  public void fillNormal(long firstIndex, MemorySegment destination, float mean, float deviation) {
    long count = elements(destination);
    double[] four = new double[4];
    for (long i = 0; i < count; ) {
      normals(words((firstIndex + i) >>> 2), four);
      for (int lane = (int) ((firstIndex + i) & 3); lane < 4 && i < count; lane++, i++) {
        destination.set(JAVA_FLOAT_UNALIGNED, i << 2, mean + deviation * (float) four[lane]);
      }
    }
  }

  private static void normals(int[] words, double[] out) {
    for (int pair = 0; pair < 4; pair += 2) {
      double radius = radius(words[pair]);
      double angle = angle(words[pair + 1]);
      out[pair] = radius * StrictMath.cos(angle);
      out[pair + 1] = radius * StrictMath.sin(angle);
    }
  }

  private int[] words(long group) {
    int[] words = new int[4];
    long key = Philox.key(seed, site);
    Philox.block(
        (int) group,
        (int) (group >>> 32),
        DOMAIN,
        -1,
        (int) key,
        (int) (key >>> 32),
        Philox.ROUNDS,
        words);
    return words;
  }

  private static float unit(int word) {
    return (word >>> 8) * 0x1p-24f;
  }

  /// Box-Muller's radius of a word; the half keeps the logarithm's argument inside (0, 1).
  static double radius(int word) {
    return StrictMath.sqrt(-2.0 * StrictMath.log(((word & 0xFFFFFFFFL) + 0.5) * 0x1p-32));
  }

  /// Box-Muller's angle of a word, in radians from 0 to 2 pi.
  static double angle(int word) {
    return (word & 0xFFFFFFFFL) * 0x1p-32 * (2 * Math.PI);
  }

  private static long elements(MemorySegment destination) {
    if ((destination.byteSize() & 3) != 0) {
      throw new IllegalArgumentException(
          "RandomField: the destination must hold whole F32 elements, but has "
              + destination.byteSize()
              + " bytes");
    }
    return destination.byteSize() >>> 2;
  }
}
