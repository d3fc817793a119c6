package dev.quintet.trainer.search;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Stops trials whose best value so far is worse than the median of what finished trials had at the same step, as
/// Optuna's does (Golovin and others 2017, "Google Vizier").
///
/// @param startup trials that have to finish before any is stopped
/// @param warmup no trial is stopped before this step
/// @param interval trials are looked at every so many steps from then on
public record MedianPruner(int startup, long warmup, long interval) {
  /// As Optuna has it.
  public static final MedianPruner DEFAULT = new MedianPruner(5, 0, 1);

  /// Checks the numbers.
  public MedianPruner {
    if (startup < 1 || warmup < 0 || interval < 1) {
      throw new IllegalArgumentException(
          "a pruner has a startup of at least 1, a warmup of at least 0 and an interval of at least 1, got %d, %d and %d"
              .formatted(startup, warmup, interval));
    }
  }

  /// Whether to stop a trial.
  ///
  /// @param reported its values by step, the last of which has just come; less is better
  /// @param finished the values of finished trials by step
  public boolean stops(
      SequencedMap<Long, Double> reported, List<? extends Map<Long, Double>> finished) {
    long step = reported.sequencedKeySet().getLast();
    if (finished.size() < startup || step < warmup || (step - warmup) % interval != 0) {
      return false;
    }
    double best =
        reported.values().stream()
            .mapToDouble(Double::doubleValue)
            .filter(value -> !Double.isNaN(value))
            .min()
            .orElse(Double.NaN);
    if (Double.isNaN(best)) {
      return true;
    }
    double[] there =
        finished.stream()
            .mapToDouble(values -> values.getOrDefault(step, Double.NaN))
            .filter(value -> !Double.isNaN(value))
            .sorted()
            .toArray();
    return there.length > 0 && best > median(there);
  }

  private static double median(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[half]
        : Arrays.stream(sorted, half - 1, half + 1).sum() / 2;
  }
}
