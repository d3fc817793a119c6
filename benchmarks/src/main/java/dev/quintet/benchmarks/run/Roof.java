package dev.quintet.benchmarks.run;

import dev.quintet.benchmarks.contest.Work;

/// What the machine can do, measured before anything else.
///
/// @param threads how many our kernels use
/// @param flopsOfOne fused multiplications and additions of one thread, two operations each, a second
/// @param flops those of all threads
/// @param bytesOfOne bytes a second that one thread reads from memory
/// @param bytes those of all threads
record Roof(int threads, double flopsOfOne, double flops, double bytesOfOne, double bytes) {

  /// What of the machine a call is held to.
  enum Bound {
    /// Arithmetic.
    FMA,
    /// Memory.
    MEMORY
  }

  /// Which of both takes longer, at the machine's best.
  Bound bound(Work work) {
    return work.flops() / flops >= work.bytes() / bytes ? Bound.FMA : Bound.MEMORY;
  }

  /// The share of the machine's best that calls reach; more than 1 where operands stay in a cache.
  ///
  /// @param callsPerSecond how many there are
  double share(Work work, double callsPerSecond) {
    return callsPerSecond * Math.max(work.flops() / flops, work.bytes() / bytes);
  }
}
