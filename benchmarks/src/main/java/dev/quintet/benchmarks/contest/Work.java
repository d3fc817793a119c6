package dev.quintet.benchmarks.contest;

/// What has to be done at least, by which it is held to what the machine can do.
///
/// @param flops floating-point operations, a multiplication and an addition as two; 0 where nobody counts them
/// @param bytes that must come from memory or go there, each operand once; 0 where nobody counts them
public record Work(double flops, double bytes) {
  /// Nothing that could be counted.
  public static final Work NONE = new Work(0, 0);

  /// Checks.
  public Work {
    if (!(flops >= 0 && bytes >= 0)) {
      throw new IllegalArgumentException(
          "work: expected counts from 0 on, got " + flops + " operations and " + bytes + " bytes");
    }
  }

  /// Bytes alone.
  public static Work bytes(double bytes) {
    return new Work(0, bytes);
  }

  /// Whether anything is counted.
  public boolean isCounted() {
    return flops > 0 || bytes > 0;
  }
}
