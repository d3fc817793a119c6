package dev.quintet.core.cpu.work;

/// The work of one part of a kernel; see [WorkerPool#run].
@FunctionalInterface
public interface PartBody {

  /// Does part `part`. Parts may run in any order and at the same time, each exactly once.
  void run(int part);
}
