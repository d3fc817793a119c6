package dev.quintet.trainer.metric;

import java.util.List;

/// [NameScores] as a metric: words of names or tags as multisets, counted over all rows.
///
/// With several right answers the one of the best F1 counts, the first of equal ones.
public record NameMetric() implements Metric {

  @Override
  public List<String> names() {
    return List.of("f1", "precision", "recall", "exact");
  }

  @Override
  public boolean isRightOrWrong(String name) {
    return name.equals("exact");
  }

  @Override
  public Measured measure(List<Answered> rows) {
    return new Tally(
        rows.stream().map(NameMetric::count).toArray(double[][]::new),
        4,
        (sums, count) -> {
          var all = PrecisionRecallF1.of(sums[1], sums[2], sums[3]);
          return new double[] {
            all.f1(), all.precision(), all.recall(), count == 0 ? 0 : sums[0] / count
          };
        });
  }

  private static double[] count(Answered row) {
    NameScores best = NameScores.NONE;
    for (String answer : row.answers()) {
      NameScores scores = NameScores.NONE.plus(answer, row.prediction());
      if (best.examples() == 0 || scores.f1() > best.f1()) {
        best = scores;
      }
    }
    return new double[] {best.exact(), best.matched(), best.guessed(), best.actual()};
  }
}
