package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Calibration.Unit;
import java.util.List;
import java.util.SplittableRandom;

/// A kernel of `calibrate.cu`, what it is given, and how near its results should be to the recorded ones.
///
/// @param name as people read it
/// @param kernel its name behind `calibrate_`
/// @param threads of a block
/// @param in words a thread takes
/// @param out words a thread gives
/// @param words what it is given
record CalibrationCase(
    String name,
    String kernel,
    int threads,
    int in,
    int out,
    Words words,
    double allowed,
    Unit unit) {
  private static final int BLOCKS = 8;

  /// What the widest of them asks for: `calibrate_copy_async`.
  static final int SHARED = 1024;

  /// A word of a thread.
  interface Words {
    /// @param index of the thread's word
    int next(SplittableRandom random, int index);
  }

  int threadsOfAll() {
    return BLOCKS * threads;
  }

  static int blocks() {
    return BLOCKS;
  }

  /// What all threads are given, the same each time.
  int[] given() {
    var random = new SplittableRandom(name.hashCode());
    int[] given = new int[threadsOfAll() * in];
    for (int i = 0; i < given.length; i++) {
      given[i] = words.next(random, i % in);
    }
    return given;
  }

  /// All of them. Errors of the library's functions are those of the CUDA C++ Programming Guide, that of ex2 PTX's; one
  /// more is the emulator's own.
  static List<CalibrationCase> all() {
    return List.of(
        exact("pack (cvt.rn.bf16x2)", "pack", 2, 1, CalibrationCase::oddNumbers),
        exact("lower, upper", "halves", 1, 2, CalibrationCase::bits),
        exact("gather, spread", "gather", 8, 12, CalibrationCase::normal),
        exact("mulHigh", "multiply_high", 2, 1, CalibrationCase::bits),
        ulps("ex2 (ex2.approx.ftz)", "ex2", 2, CalibrationCase::exponents),
        ulps("expf", "exp", 1, (r, _) -> word(r.nextDouble(-80, 80))),
        ulps("logf", "log", 1, CalibrationCase::positive),
        ulps("log1pf", "log1p", 1, (r, _) -> word(r.nextDouble())),
        ulps("tanhf", "tanh", 2, CalibrationCase::normal),
        ulps("erff", "erf", 2, CalibrationCase::normal),
        ulps("rsqrtf", "rsqrt", 2, CalibrationCase::positive),
        exact("sqrtf", "root", 1, 1, CalibrationCase::positive),
        exact("quotient", "quotient", 2, 1, CalibrationCase::normal),
        exact("fmaf", "fused", 3, 1, CalibrationCase::normal),
        exact("shuffles, ballot", "shuffle", 2, 7, (r, i) -> i == 0 ? r.nextInt() : r.nextInt(32)),
        exact("warpSum, warpMax", "warp_sums", 1, 2, CalibrationCase::normal),
        exact("blockSum, blockMax", "block_sums", 128, 1, 2, CalibrationCase::normal),
        exact("namedBarrier (bar.sync)", "named_barrier", 128, 1, 1, CalibrationCase::bits),
        exact("words of shared memory", "access", 4, 5, CalibrationCase::bits),
        exact("words of global memory", "global", 8, 8, CalibrationCase::bits),
        exact("copyAsync (cp.async)", "copy_async", 8, 8, CalibrationCase::bits),
        exact("loadMatrices (ldmatrix)", "load_matrices", 4, 8, CalibrationCase::bits),
        exact(
            "multiplyAdd (mma.sync), whole numbers",
            "multiply_add",
            10,
            4,
            (r, i) -> i < 6 ? pair(whole(r), whole(r)) : word(whole(r))),
        // A tensor core cuts off what lies below its sum's last bits: 17 terms of at most 1.
        new CalibrationCase(
            "multiplyAdd (mma.sync)",
            "multiply_add",
            32,
            10,
            4,
            (r, i) -> i < 6 ? pair(one(r), one(r)) : word(one(r)),
            17 * 0x1p-21,
            Unit.DIFFERENCE));
  }

  private static CalibrationCase exact(String name, String kernel, int in, int out, Words words) {
    return exact(name, kernel, 32, in, out, words);
  }

  private static CalibrationCase exact(
      String name, String kernel, int threads, int in, int out, Words words) {
    return new CalibrationCase(name, kernel, threads, in, out, words, 0, Unit.OTHER_BITS);
  }

  private static CalibrationCase ulps(String name, String kernel, int documented, Words words) {
    return new CalibrationCase(name, kernel, 32, 1, 1, words, documented + 1, Unit.ULPS);
  }

  private static int word(double x) {
    return Float.floatToRawIntBits((float) x);
  }

  /// Two numbers that bfloat16 has, or cut to it.
  static int pair(double low, double high) {
    return word(low) >>> 16 | word(high) & 0xffff0000;
  }

  static double whole(SplittableRandom random) {
    return random.nextInt(-8, 9);
  }

  static double one(SplittableRandom random) {
    return random.nextDouble(-1, 1);
  }

  private static int bits(SplittableRandom random, int index) {
    return random.nextInt();
  }

  private static int normal(SplittableRandom random, int index) {
    return word(2 * random.nextGaussian());
  }

  /// From 2^-60 to 2^60.
  private static int positive(SplittableRandom random, int index) {
    return random.nextInt((127 - 60) << 23, (127 + 60) << 23);
  }

  /// Among others ties, infinities, NaN, and the largest number, which rounds to infinity.
  private static int oddNumbers(SplittableRandom random, int index) {
    int[] odd = {
      0x3f808000, 0x3f818000, 0x7f800000, 0xff800000, 0x7fc12345, 0x7f7fffff, 1, 0x80000000
    };
    int choice = random.nextInt(32);
    return choice < odd.length
        ? odd[choice]
        : choice < 20 ? random.nextInt() : normal(random, index);
  }

  /// Also such as have no result but 0 or infinity.
  private static int exponents(SplittableRandom random, int index) {
    float[] odd = {
      Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN, 0, -0f, Float.MIN_VALUE
    };
    int choice = random.nextInt(64);
    return word(choice < odd.length ? odd[choice] : random.nextDouble(-140, 130));
  }
}
