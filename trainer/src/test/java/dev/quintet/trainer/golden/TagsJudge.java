package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.TagScores;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Sets of tags beside scikit-learn's scores of them.
final class TagsJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "tags", "source", "parse", "cases");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (int i = 0; i < cases.size(); i++) {
      check("tags " + i, cases.get(i));
    }
    return cases.size();
  }

  private static void check(String where, JsonObject recorded) {
    List<Integer> firsts =
        recorded.keys().stream()
            .filter(key -> key.matches("at_[0-9]+"))
            .map(key -> Integer.valueOf(key.substring(3)))
            .toList();
    String[] keys =
        Stream.concat(
                Stream.of(
                    "gold",
                    "predicted",
                    "gold_sets",
                    "predicted_lists",
                    "micro",
                    "macro",
                    "samples",
                    "subset_accuracy",
                    "hamming_loss",
                    "jaccard_samples"),
                firsts.stream().map(first -> "at_" + first))
            .toArray(String[]::new);
    Recorded.form(recorded, where, keys);
    List<String> gold = Recorded.strings(recorded, "gold");
    List<String> predicted = Recorded.strings(recorded, "predicted");
    var rows = new ArrayList<Answered>();
    for (int row = 0; row < gold.size(); row++) {
      rows.add(new Answered(predicted.get(row), gold.get(row)));
    }
    parsed(where, recorded.required("gold_sets", JsonObject::list), gold);
    parsed(where, recorded.required("predicted_lists", JsonObject::list), predicted);

    var metric = new TagScores(firsts);
    double[] scores = metric.measure(rows).scores();
    List<String> names = metric.names();
    for (String average : List.of("micro", "macro", "samples")) {
      near(where, Recorded.numbers(recorded, average), scores, names, average + "_", "");
    }
    for (int first : firsts) {
      near(where, Recorded.numbers(recorded, "at_" + first), scores, names, "", "_at_" + first);
    }
    one(where, recorded, "subset_accuracy", scores, names, "subset_accuracy");
    one(where, recorded, "hamming_loss", scores, names, "hamming_loss");
    one(where, recorded, "jaccard_samples", scores, names, "jaccard");
  }

  private static void parsed(String where, List<?> recorded, List<String> texts) {
    Recorded.same(where + " parsed", recorded, texts.stream().map(TagScores::parse).toList());
  }

  private static void one(
      String where,
      JsonObject recorded,
      String key,
      double[] scores,
      List<String> names,
      String name) {
    Recorded.near(where + " " + key, Recorded.number(recorded, key), scores[names.indexOf(name)]);
  }

  private static void near(
      String where,
      double[] recorded,
      double[] scores,
      List<String> names,
      String before,
      String after) {
    List<String> three = List.of("precision", "recall", "f1");
    for (int i = 0; i < 3; i++) {
      String name = before + three.get(i) + after;
      Recorded.near(where + " " + name, recorded[i], scores[names.indexOf(name)]);
    }
  }
}
