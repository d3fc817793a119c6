package dev.quintet.benchmarks.run;

import java.util.Locale;

/// How long a run takes its time.
enum Preset {
  /// Few sizes, three turns, short iterations.
  QUICK(3),

  /// All sizes, five turns, each class's own iterations.
  FULL(5);

  private final int turns;

  Preset(int turns) {
    this.turns = turns;
  }

  int turns() {
    return turns;
  }

  int warmups(int own) {
    return this == QUICK ? Math.min(own, 2) : own;
  }

  int iterations(int own) {
    return this == QUICK ? Math.min(own, 3) : own;
  }

  /// Nanoseconds of a measured iteration.
  long time(long own) {
    return this == QUICK ? own / 2 : own;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
