package dev.quintet.core.random;

import java.util.random.RandomGenerator;

/// Philox4x32, a counter-based generator: a block function, and a seekable stream of numbers over
/// it.
///
/// A generator's only state is its [PhiloxState]; it belongs to one thread. The layout of keys and
/// counters, and its source, are in the package description. Bounded integers and normals are
/// defined here and not inherited, so that a later JDK cannot change a resumed run.
public final class Philox implements RandomGenerator {
  /// Rounds for streams and initial values: the number the authors recommend.
  public static final int ROUNDS = 10;

  /// Rounds for dropout: the fewest that pass BigCrush (Salmon et al., table 2).
  public static final int DROPOUT_ROUNDS = 7;

  /// First multiplier of a round: `(hi, lo) = MULTIPLIER_0 * c0`, unsigned.
  public static final int MULTIPLIER_0 = 0xD2511F53;

  /// Second multiplier of a round: `(hi, lo) = MULTIPLIER_1 * c2`, unsigned.
  public static final int MULTIPLIER_1 = 0xCD9E8D57;

  /// What `k0` grows by after each round: the golden ratio's bits.
  public static final int WEYL_0 = 0x9E3779B9;

  /// What `k1` grows by after each round: the bits of the square root of 3, less 1.
  public static final int WEYL_1 = 0xBB67AE85;

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final long seed;
  private final long stream;
  private long position;
  private final int[] words = new int[4];
  private long block;
  private boolean blockValid;

  private Philox(long seed, long stream, long position) {
    this.seed = seed;
    this.stream = stream;
    this.position = position;
  }

  /// Returns the generator at the start of one of a seed's streams.
  ///
  /// Streams of one seed share no block; number them by purpose ([Site#of]) or by epoch.
  public static Philox of(long seed, long stream) {
    return new Philox(seed, stream, 0);
  }

  /// Returns a generator that continues where the one that gave `state` stood.
  public static Philox at(PhiloxState state) {
    return new Philox(state.seed(), state.stream(), state.position());
  }

  /// Returns where this generator stands; [#at] continues from there.
  public PhiloxState state() {
    return new PhiloxState(seed, stream, position);
  }

  /// Returns the key of a site: `mix64(mix64(seed + 0x9E3779B97F4A7C15) ^ site)`.
  ///
  /// Under one seed different sites have different keys.
  public static long key(long seed, long site) {
    return Site.mix64(Site.mix64(seed + GOLDEN_GAMMA) ^ site);
  }

  /// Computes one block: the four words `out[0..3]` of a counter under a key.
  ///
  /// @param rounds [#ROUNDS] or [#DROPOUT_ROUNDS]
  /// @param out at least four words, the first four are overwritten
  public static void block(
      int counter0,
      int counter1,
      int counter2,
      int counter3,
      int key0,
      int key1,
      int rounds,
      int[] out) {
    int c0 = counter0;
    int c1 = counter1;
    int c2 = counter2;
    int c3 = counter3;
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < rounds; round++) {
      long p0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  @Override
  public long nextLong() {
    long wanted = position >>> 1;
    if (!blockValid || wanted != block) {
      block(
          (int) wanted,
          (int) (wanted >>> 32),
          (int) stream,
          (int) (stream >>> 32),
          (int) seed,
          (int) (seed >>> 32),
          ROUNDS,
          words);
      block = wanted;
      blockValid = true;
    }
    int first = (int) (position & 1) << 1;
    position++;
    return (words[first] & 0xFFFFFFFFL) | ((long) words[first + 1] << 32);
  }

  /// Returns the upper half of the next 64-bit number.
  @Override
  public int nextInt() {
    return (int) (nextLong() >>> 32);
  }

  /// Returns a number in [0, bound), each equally likely (Lemire 2019, arXiv 1805.10941).
  ///
  /// @throws IllegalArgumentException if the bound is not positive
  @Override
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException(
          "Philox.nextInt: the bound must be positive, but is " + bound);
    }
    long product = (nextInt() & 0xFFFFFFFFL) * bound;
    if ((product & 0xFFFFFFFFL) < bound) {
      long threshold = (0x100000000L - bound) % bound;
      while ((product & 0xFFFFFFFFL) < threshold) {
        product = (nextInt() & 0xFFFFFFFFL) * bound;
      }
    }
    return (int) (product >>> 32);
  }

  /// Returns a number in [origin, bound), each equally likely.
  ///
  /// @throws IllegalArgumentException if the range is empty
  @Override
  public int nextInt(int origin, int bound) {
    checkRange("nextInt", origin, bound);
    return (int) (origin + nextLong((long) bound - origin));
  }

  /// Returns a number in [0, bound), each equally likely.
  ///
  /// @throws IllegalArgumentException if the bound is not positive
  @Override
  public long nextLong(long bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException(
          "Philox.nextLong: the bound must be positive, but is " + bound);
    }
    if (bound <= Integer.MAX_VALUE) {
      return nextInt((int) bound);
    }
    return reject(bound);
  }

  /// Returns a number in [origin, bound), each equally likely.
  ///
  /// @throws IllegalArgumentException if the range is empty
  @Override
  public long nextLong(long origin, long bound) {
    checkRange("nextLong", origin, bound);
    long width = bound - origin;
    return origin + (width > 0 ? nextLong(width) : reject(width));
  }

  /// Draws below an unsigned bound by rejection under a bit mask: at most one in two is refused.
  private long reject(long bound) {
    long mask = -1L >>> Long.numberOfLeadingZeros(bound - 1);
    long drawn = nextLong() & mask;
    while (Long.compareUnsigned(drawn, bound) >= 0) {
      drawn = nextLong() & mask;
    }
    return drawn;
  }

  private static void checkRange(String operation, long origin, long bound) {
    if (origin >= bound) {
      throw new IllegalArgumentException(
          "Philox." + operation + ": the range [" + origin + ", " + bound + ") is empty");
    }
  }

  /// Returns the upper 53 bits of the next number as a fraction in [0, 1).
  @Override
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /// Returns the upper 24 bits of the next number as a fraction in [0, 1).
  @Override
  public float nextFloat() {
    return (nextLong() >>> 40) * 0x1p-24f;
  }

  /// Returns the top bit of the next number.
  @Override
  public boolean nextBoolean() {
    return nextLong() < 0;
  }

  /// Fills the array with the bytes of the next numbers, lowest first; the rest of the last is
  /// lost.
  @Override
  public void nextBytes(byte[] bytes) {
    long bits = 0;
    for (int i = 0; i < bytes.length; i++) {
      bits = (i & 7) == 0 ? nextLong() : bits >>> 8;
      bytes[i] = (byte) bits;
    }
  }

  /// Returns a standard normal: Box-Muller's cosine branch on the halves of one 64-bit number.
  @Override
  public double nextGaussian() {
    long bits = nextLong();
    return RandomField.radius((int) bits) * StrictMath.cos(RandomField.angle((int) (bits >>> 32)));
  }

  /// Returns an exponential of mean 1 by inversion, from one 64-bit number.
  @Override
  public double nextExponential() {
    return -StrictMath.log(1.0 - nextDouble());
  }
}
