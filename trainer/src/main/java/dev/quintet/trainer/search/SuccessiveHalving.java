package dev.quintet.trainer.search;

import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/// Which trials go on when most are dropped (Jamieson and Talwalkar 2016, "Non-stochastic best arm identification").
public final class SuccessiveHalving {
  private SuccessiveHalving() {}

  /// The best of some trials: one in eta, and at least one.
  ///
  /// @param trials their numbers
  /// @param values the value of a trial, where less is better and NaN is worst; equal ones go to the lower number
  /// @param eta how many there are to each that is kept, at least 2
  /// @return numbers in ascending order
  public static List<Integer> kept(List<Integer> trials, IntToDoubleFunction values, int eta) {
    if (eta < 2) {
      throw new IllegalArgumentException("eta is at least 2, got " + eta);
    }
    return ordered(trials, values).stream()
        .limit(Math.max(1, trials.size() / eta))
        .sorted()
        .toList();
  }

  /// Trials from the best to the worst.
  static List<Integer> ordered(List<Integer> trials, IntToDoubleFunction values) {
    return trials.stream()
        .sorted(
            Comparator.comparingDouble(
                    (Integer trial) -> values.applyAsDouble(trial) + 0.0) // -0.0 equals 0.0
                .thenComparing(trial -> trial))
        .toList();
  }
}
