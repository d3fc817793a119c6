package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Squad;
import java.util.ArrayList;
import java.util.List;

/// Short answers beside the scores of transformers.
final class SquadJudge implements GoldenJudge {
  private static final Squad FIRST = new Squad(Squad.Version.V1_1);
  private static final Squad SECOND = new Squad(Squad.Version.V2);

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "squad", "source", "corpus", "cases");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    var rows = new ArrayList<Answered>();
    for (int i = 0; i < cases.size(); i++) {
      JsonObject recorded = cases.get(i);
      String where = "squad " + i;
      Recorded.form(
          recorded,
          where,
          "answers",
          "prediction",
          "normalized",
          "exact",
          "f1",
          "v2_exact",
          "v2_f1");
      var row =
          new Answered(
              recorded.required("prediction", JsonObject::string),
              Recorded.strings(recorded, "answers"));
      Recorded.same(
          where + " normalized",
          recorded.required("normalized", JsonObject::string),
          FIRST.normalized(row.prediction()));
      scores(where, recorded, 100, List.of(row));
      rows.add(row);
    }
    JsonObject corpus = file.required("corpus", JsonObject::object);
    Recorded.form(corpus, "squad corpus", "exact", "f1", "v2_exact", "v2_f1");
    scores("squad corpus", corpus, 1, rows);
    return cases.size();
  }

  private static void scores(String where, JsonObject recorded, double scale, List<Answered> rows) {
    double[] first = FIRST.measure(rows).scores();
    double[] second = SECOND.measure(rows).scores();
    near(where + " f1", recorded, "f1", scale, first[0]);
    near(where + " exact", recorded, "exact", scale, first[1]);
    near(where + " v2_f1", recorded, "v2_f1", scale, second[0]);
    near(where + " v2_exact", recorded, "v2_exact", scale, second[1]);
  }

  private static void near(
      String where, JsonObject recorded, String key, double scale, double got) {
    Recorded.near(where, Recorded.number(recorded, key), got / scale);
  }
}
