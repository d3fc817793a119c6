package dev.quintet.trainer.search;

import java.util.Arrays;
import org.apache.commons.math3.analysis.MultivariateFunction;
import org.apache.commons.math3.exception.MathIllegalArgumentException;
import org.apache.commons.math3.exception.MathIllegalStateException;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.SimpleBounds;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.BOBYQAOptimizer;
import org.apache.commons.math3.optim.univariate.BrentOptimizer;
import org.apache.commons.math3.optim.univariate.SearchInterval;
import org.apache.commons.math3.optim.univariate.UnivariateObjectiveFunction;

/// Climbs to a maximum inside a box without gradients: BOBYQA, and Brent's method in one dimension, which BOBYQA lacks.
final class Climb {
  private final MultivariateFunction function;
  private double[] place;
  private double value;

  private Climb(MultivariateFunction function, double[] start) {
    this.function = function;
    place = start;
    value = function.value(start);
  }

  /// The highest place seen on the way.
  ///
  /// @param start inside the box
  /// @param reach how far the first steps go
  /// @param near how near to the top to come
  /// @param most how often the function is asked at most
  static Top from(
      double[] start,
      double[] low,
      double[] high,
      double reach,
      double near,
      int most,
      MultivariateFunction function) {
    double[] inside = new double[start.length];
    Arrays.setAll(inside, i -> Math.clamp(start[i], low[i], high[i]));
    var climb = new Climb(function, inside);
    try {
      if (start.length == 1) {
        climb.brent(low, high, reach, most);
      } else {
        climb.bobyqa(low, high, reach, near, most);
      }
    } catch (MathIllegalStateException | MathIllegalArgumentException e) {
      // It gives up where rounding spoils its model, or after too many questions; the best so far
      // stands.
    }
    return new Top(climb.place, climb.value);
  }

  private void bobyqa(double[] low, double[] high, double reach, double near, int most) {
    new BOBYQAOptimizer(2 * place.length + 1, reach, near)
        .optimize(
            new MaxEval(most),
            GoalType.MAXIMIZE,
            new ObjectiveFunction(this::ask),
            new InitialGuess(place),
            new SimpleBounds(low, high));
  }

  private void brent(double[] low, double[] high, double reach, int most) {
    double start = place[0];
    new BrentOptimizer(1e-8, 1e-10)
        .optimize(
            new MaxEval(most),
            GoalType.MAXIMIZE,
            new UnivariateObjectiveFunction(x -> ask(new double[] {x})),
            new SearchInterval(
                Math.max(low[0], start - reach), Math.min(high[0], start + reach), start));
  }

  private double ask(double[] at) {
    double found = function.value(at);
    if (found > value) {
      value = found;
      place = at.clone();
    }
    return found;
  }

  /// Where a climb ended.
  record Top(double[] place, double value) {}
}
