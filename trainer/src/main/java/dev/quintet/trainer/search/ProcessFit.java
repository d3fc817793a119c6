package dev.quintet.trainer.search;

import dev.quintet.trainer.search.GaussianProcess.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.analysis.MultivariateFunction;

/// Finds the kernel's numbers under which values are most likely.
public final class ProcessFit {
  private static final double[] SIGNAL = {1e-2, 1e2};
  private static final double[] LENGTH = {1e-2, 10};
  private static final double[] NOISE = {1e-6, 1};
  private static final int LOOKED_AT = 16;
  private static final double REACH = 1;
  private static final double NEAR = 1e-4;
  private static final int MOST = 400;
  private static final double IMPOSSIBLE = -1e10;

  private ProcessFit() {}

  /// Climbs from some of 16 places of the box, and from where an earlier fit ended.
  ///
  /// @param points `[N][D]`
  /// @param values `[N]`
  /// @param climbs from how many of the 16 places, the likeliest first
  /// @param last where an earlier fit ended
  public static Settings of(
      double[][] points, double[] values, int climbs, Optional<Settings> last) {
    int n = points[0].length + 2;
    double[] low = box(n, 0);
    double[] high = box(n, 1);
    MultivariateFunction likelihood = logs -> likelihood(points, values, logs);
    var starts = new ArrayList<Start>();
    for (double[] unit : Sobol.points(n, 1, LOOKED_AT)) {
      double[] logs = new double[n];
      for (int i = 0; i < n; i++) {
        logs[i] = low[i] + unit[i] * (high[i] - low[i]);
      }
      starts.add(new Start(logs, likelihood.value(logs)));
    }
    starts.sort(Comparator.comparingDouble((Start start) -> start.value).reversed());
    List<Start> taken = new ArrayList<>(starts.subList(0, Math.min(climbs, starts.size())));
    last.ifPresent(settings -> taken.add(new Start(settings.logs(), 0)));
    Start best = starts.getFirst();
    for (Start start : taken) {
      Climb.Top top = Climb.from(start.logs, low, high, REACH, NEAR, MOST, likelihood);
      if (top.value() > best.value) {
        best = new Start(top.place(), top.value());
      }
    }
    return Settings.ofLogs(best.logs);
  }

  private static double[] box(int n, int end) {
    double[] box = new double[n];
    Arrays.fill(box, StrictMath.log(LENGTH[end]));
    box[0] = StrictMath.log(SIGNAL[end]);
    box[n - 1] = StrictMath.log(NOISE[end]);
    return box;
  }

  private static double likelihood(double[][] points, double[] values, double[] logs) {
    try {
      double likelihood =
          new GaussianProcess(points, values, Settings.ofLogs(logs)).logLikelihood();
      return Double.isFinite(likelihood) ? likelihood : IMPOSSIBLE;
    } catch (IllegalArgumentException e) {
      return IMPOSSIBLE;
    }
  }

  private record Start(double[] logs, double value) {}
}
