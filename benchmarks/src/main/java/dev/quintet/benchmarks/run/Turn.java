package dev.quintet.benchmarks.run;

import java.util.List;

/// One side's measurement in one turn: a process of its own.
///
/// @param speeds of each iteration, in calls a second or what the class counts a second
/// @param others the share of all processors that other programs took meanwhile; NaN where the system does not tell
/// @param stolen the share that the host gave to other machines; NaN likewise
record Turn(List<Double> speeds, double others, double stolen) {
  Turn {
    speeds = List.copyOf(speeds);
  }

  /// The share that went to other programs and other machines together; what nobody knows counts as none.
  double elsewhere() {
    return known(others) + known(stolen);
  }

  private static double known(double share) {
    return Double.isNaN(share) ? 0 : share;
  }

  double speed() {
    return Spread.of(speeds).median();
  }
}
