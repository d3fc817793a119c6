package dev.quintet.app.tuning;

import dev.quintet.app.chart.LineChart;
import dev.quintet.app.chart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// The course of the trainings: validation scores over steps and seconds, means over seeds.
///
/// @param comparison what was compared
record Curves(Comparison comparison) {

  /// The scores of a task over steps.
  LineChart bySteps(Design.Task task) {
    return chart(task, "steps", Point::step);
  }

  /// The scores of a task over the seconds spent in steps.
  LineChart bySeconds(Design.Task task) {
    return chart(task, "seconds in steps", Point::seconds);
  }

  private LineChart chart(Design.Task task, String across, ToDoubleFunction<Point> place) {
    var lines = new ArrayList<Series>();
    for (Design.Method method : comparison.design().methods()) {
      List<List<Point>> curves =
          comparison.trials(task.name(), method.name()).stream().map(TrialResult::curve).toList();
      line(method.name(), curves, place).ifPresent(lines::add);
    }
    return new LineChart(task.name(), across, task.score() + " on validation rows", lines);
  }

  /// A mean over seeds, as far as all of them have points: one that ended early ends the line.
  private static Optional<Series> line(
      String name, List<List<Point>> curves, ToDoubleFunction<Point> place) {
    int points = curves.stream().mapToInt(List::size).min().orElse(0);
    double[] xs = new double[points];
    double[] ys = new double[points];
    for (int i = 0; i < points; i++) {
      for (List<Point> curve : curves) {
        xs[i] += place.applyAsDouble(curve.get(i)) / curves.size();
        ys[i] += curve.get(i).score() / curves.size();
      }
    }
    return points == 0 ? Optional.empty() : Optional.of(new Series(name, xs, ys));
  }
}
