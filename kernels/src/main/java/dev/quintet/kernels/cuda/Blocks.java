package dev.quintet.kernels.cuda;

import dev.quintet.kernels.driver.Cuda;

/// How many blocks a kernel is launched with that is bound by memory.
final class Blocks {
  /// Enough for every multiprocessor to be full twice: what one block waits for, another hides.
  private static final int A_PROCESSOR = 8;

  private Blocks() {}

  /// Blocks that share pieces of work, each going on until none is left.
  ///
  /// @param pieces of work, at least one
  /// @param atOnce how many a block takes at once
  static long sharing(Cuda cuda, long pieces, int atOnce) {
    return Math.min((pieces + atOnce - 1) / atOnce, (long) cuda.chip().processors() * A_PROCESSOR);
  }
}
