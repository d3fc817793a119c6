package dev.quintet.core.cpu;

/// The work of one part of a kernel; see [WorkerPool#run].
@FunctionalInterface
interface PartBody {

  /// Does part `part`. Parts may run in any order and at the same time, each exactly once.
  void run(int part);
}
