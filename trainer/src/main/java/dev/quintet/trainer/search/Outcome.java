package dev.quintet.trainer.search;

import java.util.OptionalDouble;

/// What a trial has come to.
///
/// @param step steps done in all
/// @param value what the search is about; need not be finite
/// @param low lower end of the value's 95 % interval, where there is one
/// @param high upper end of the interval
public record Outcome(long step, double value, OptionalDouble low, OptionalDouble high) {

  /// Without an interval.
  public Outcome(long step, double value) {
    this(step, value, OptionalDouble.empty(), OptionalDouble.empty());
  }
}
