package dev.quintet.benchmarks.run;

import dev.quintet.benchmarks.contest.Work;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// What the machine can do, measured.
///
/// @param threads how many our kernels use
/// @param flopsOfOne fused multiplications and additions of one thread, two operations each, a second
/// @param flops those of all threads
/// @param bytesOfOne bytes a second that one thread reads from memory
/// @param bytes those of all threads
record Roof(int threads, double flopsOfOne, double flops, double bytesOfOne, double bytes) {

  /// The largest of each, since whoever disturbs only ever takes away.
  ///
  /// @param all one or more
  static Roof largest(List<Roof> all) {
    return new Roof(
        all.getFirst().threads,
        most(all, Roof::flopsOfOne),
        most(all, Roof::flops),
        most(all, Roof::bytesOfOne),
        most(all, Roof::bytes));
  }

  private static double most(List<Roof> all, ToDoubleFunction<Roof> figure) {
    return all.stream().mapToDouble(figure).max().orElseThrow();
  }

  /// The share of the machine's arithmetic that calls take.
  ///
  /// @param callsPerSecond how many there are
  double shareOfFlops(Work work, double callsPerSecond) {
    return callsPerSecond * work.flops() / flops;
  }

  /// The share of its memory's speed; more than 1 where operands stay in a cache.
  ///
  /// @param callsPerSecond how many there are
  double shareOfBytes(Work work, double callsPerSecond) {
    return callsPerSecond * work.bytes() / bytes;
  }
}
