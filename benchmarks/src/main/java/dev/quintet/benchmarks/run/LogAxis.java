package dev.quintet.benchmarks.run;

/// A logarithmic axis.
///
/// @param low the smallest value
/// @param high the largest
/// @param from where the smallest lies
/// @param to where the largest lies
record LogAxis(double low, double high, double from, double to) {
  LogAxis {
    if (!(low > 0 && high > low)) {
      throw new IllegalArgumentException(
          "a logarithmic axis: expected 0 < low < high, got " + low + " and " + high);
    }
  }

  double at(double value) {
    return from + (to - from) * Math.log(value / low) / Math.log(high / low);
  }
}
