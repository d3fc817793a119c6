package dev.quintet.app.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Results of trainings that nobody ran.
final class Results {
  private Results() {}

  /// A score of rows that lie so close to it that its interval is as narrow as that.
  static Score score(double value, double spread) {
    var rows = new ArrayList<Double>();
    for (int i = 0; i < 40; i++) {
      rows.add(value + (i % 2 == 0 ? spread : -spread));
    }
    return Score.ofNumbers(rows);
  }

  /// A training whose validation scores, every ten steps and a second, are these.
  static TrialResult of(String task, String method, long seed, Score score, double... curve) {
    var points = new ArrayList<Point>();
    for (int i = 0; i < curve.length; i++) {
      points.add(new Point(10L * i, i, 1, curve[i]));
    }
    return result(new Trial(task, method, seed, Optional.empty()), score, Optional.empty(), points);
  }

  static TrialResult transferred(
      String task, String method, Trial.Start start, double before, double after) {
    return result(
        new Trial(task, method, 0, Optional.of(start)),
        score(after, 0.01),
        Optional.of(score(before, 0.01)),
        List.of());
  }

  private static TrialResult result(
      Trial trial, Score score, Optional<Score> before, List<Point> curve) {
    long steps = curve.isEmpty() ? 20 : curve.getLast().step();
    return new TrialResult(
        trial, score, before, 100, 1000, 1 << 20, 5000, 4000, steps, steps, 0.1, 2, curve);
  }
}
