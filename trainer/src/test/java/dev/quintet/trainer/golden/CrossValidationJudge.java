package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.folds.FoldScores;

/// Judges `cross_validation.json`: intervals over folds and the comparison of two systems.
final class CrossValidationJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "cross_validation", "source", "cases");
    int cases = 0;
    for (JsonObject one : Recorded.objects(file, "cases")) {
      String where = "case " + cases++;
      Recorded.form(
          one,
          where,
          "scores",
          "n_train",
          "n_test",
          "mean",
          "sd",
          "t_interval_0.95",
          "corrected_interval_0.95",
          "other_scores",
          "corrected_t",
          "corrected_p");
      FoldScores scores = scores(one, "scores");
      Recorded.near(where + " mean", Recorded.number(one, "mean"), scores.mean());
      Recorded.near(where + " sd", Recorded.number(one, "sd"), scores.deviation());
      interval(where + " plain", one, "t_interval_0.95", scores.plain(0.95));
      interval(where + " corrected", one, "corrected_interval_0.95", scores.corrected(0.95));
      FoldScores.Comparison compared = scores.compare(scores(one, "other_scores"));
      Recorded.near(where + " t", Recorded.number(one, "corrected_t"), compared.t());
      Recorded.near(where + " p", Recorded.number(one, "corrected_p"), compared.p());
    }
    return cases;
  }

  private static FoldScores scores(JsonObject one, String key) {
    return new FoldScores(
        Recorded.numbers(one, key),
        Recorded.number(one, "n_train"),
        Recorded.number(one, "n_test"));
  }

  private static void interval(
      String where, JsonObject one, String key, FoldScores.Interval interval) {
    double[] ends = Recorded.numbers(one, key);
    Recorded.same(where, 2, ends.length);
    Recorded.near(where + " low", ends[0], interval.low());
    Recorded.near(where + " high", ends[1], interval.high());
  }
}
