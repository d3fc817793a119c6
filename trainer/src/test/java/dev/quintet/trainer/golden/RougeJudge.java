package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.PrecisionRecallF1;
import dev.quintet.trainer.metric.Rouge;
import java.util.ArrayList;
import java.util.List;

/// Summaries beside the scores of rouge_score.
final class RougeJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "rouge", "source", "order", "mean", "cases");
    JsonObject means = file.required("mean", JsonObject::object);
    Recorded.form(means, "rouge mean", "plain", "stemmed");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    check(cases, means, "plain", new Rouge(false));
    check(cases, means, "stemmed", new Rouge(true));
    return cases.size();
  }

  private static void check(
      List<JsonObject> cases, JsonObject means, String stemming, Rouge metric) {
    List<String> names = metric.names();
    var rows = new ArrayList<Answered>();
    double[][] sums = new double[names.size()][3];
    for (int i = 0; i < cases.size(); i++) {
      String where = "rouge " + i + " " + stemming;
      Recorded.form(cases.get(i), where, "target", "prediction", "plain", "stemmed");
      var row =
          new Answered(
              cases.get(i).required("prediction", JsonObject::string),
              cases.get(i).required("target", JsonObject::string));
      rows.add(row);
      JsonObject recorded = cases.get(i).required(stemming, JsonObject::object);
      Recorded.form(recorded, where, names.toArray(String[]::new));
      List<PrecisionRecallF1> scores = metric.score(row);
      for (int name = 0; name < names.size(); name++) {
        double[] got = ClassificationJudge.three(scores.get(name));
        ClassificationJudge.near(
            where + " " + names.get(name), Recorded.numbers(recorded, names.get(name)), got);
        for (int k = 0; k < got.length; k++) {
          sums[name][k] += got[k] / cases.size();
        }
      }
    }
    JsonObject mean = means.required(stemming, JsonObject::object);
    Recorded.form(mean, "rouge mean " + stemming, names.toArray(String[]::new));
    double[] scores = metric.measure(rows).scores();
    for (int name = 0; name < names.size(); name++) {
      double[] recorded = Recorded.numbers(mean, names.get(name));
      ClassificationJudge.near("rouge mean " + names.get(name), recorded, sums[name]);
      Recorded.near("rouge mean " + names.get(name), recorded[2], scores[name]);
    }
  }
}
