package dev.quintet.tokenizers.sentencepiece.train;

/// The 32-bit Mersenne Twister (Matsumoto and Nishimura 1998), by which a sample of sentences is
/// drawn. The reference seeds its own generator from the operating system, so that its samples
/// differ from run to run; these do not.
final class MersenneTwister {

  private static final int SIZE = 624;
  private static final int SHIFT = 397;

  private final int[] state = new int[SIZE];
  private int next = SIZE;

  MersenneTwister(int seed) {
    state[0] = seed;
    for (int i = 1; i < SIZE; i++) {
      state[i] = 1_812_433_253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
    }
  }

  private int bits() {
    if (next == SIZE) {
      for (int i = 0; i < SIZE; i++) {
        int y = state[i] & 0x80000000 | state[(i + 1) % SIZE] & 0x7FFFFFFF;
        state[i] = state[(i + SHIFT) % SIZE] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908B0DF);
      }
      next = 0;
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= y << 7 & 0x9D2C5680;
    y ^= y << 15 & 0xEFC60000;
    return y ^ y >>> 18;
  }

  /// A number from 0 to below a bound, all equally probable.
  long below(long bound) {
    while (true) {
      long value = ((long) bits() << 32 | bits() & 0xFFFFFFFFL) >>> 1;
      long rest = value % bound;
      if (value - rest + (bound - 1) >= 0) {
        return rest;
      }
    }
  }
}
