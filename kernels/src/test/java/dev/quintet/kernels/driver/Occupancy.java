package dev.quintet.kernels.driver;

/// How many blocks of a kernel a multiprocessor holds at once, by what the chip has of everything.
///
/// From the CUDA programming guide's table of compute capabilities 8.0, 9.0 and 10.0, and NVIDIA's occupancy calculator:
/// registers are given to a warp in units of 256, warps by four quarters of a multiprocessor, shared memory in units of
/// 128 bytes with 1 KB a block for the system.
final class Occupancy {
  private static final int REGISTERS = 65536;
  private static final int WARPS = 64;
  private static final int BLOCKS = 32;
  private static final int SYSTEM = 1024;

  private Occupancy() {}

  /// A chip.
  enum Chip {
    A100(108, 164),
    H200(132, 228),
    B200(148, 228);

    /// Multiprocessors.
    final int processors;

    /// Bytes of shared memory of one.
    final int shared;

    Chip(int processors, int kilobytes) {
      this.processors = processors;
      shared = kilobytes << 10;
    }
  }

  /// Blocks on a multiprocessor; 0 if not even one fits.
  ///
  /// @param threads a block
  /// @param registers a thread
  /// @param shared bytes of shared memory a block, static and dynamic
  static int blocks(Chip chip, int threads, int registers, int shared) {
    int warps = warps(threads);
    int warpRegisters = roundUp(Math.max(1, registers) * 32, 256);
    int byRegisters = REGISTERS / warpRegisters / 4 * 4 / warps;
    int byShared = chip.shared / roundUp(shared + SYSTEM, 128);
    return Math.min(Math.min(byRegisters, byShared), Math.min(WARPS / warps, BLOCKS));
  }

  /// Warps on a multiprocessor.
  static int warps(Chip chip, int threads, int registers, int shared) {
    return blocks(chip, threads, registers, shared) * warps(threads);
  }

  private static int warps(int threads) {
    return (Math.max(1, threads) + 31) / 32;
  }

  private static int roundUp(int value, int unit) {
    return (value + unit - 1) / unit * unit;
  }
}
