package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Confusion;
import dev.quintet.trainer.metric.LabelScores;
import dev.quintet.trainer.metric.PrecisionRecallF1;
import dev.quintet.trainer.metric.ZeroDivision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Scores of labels beside scikit-learn's.
final class ClassificationJudge implements GoldenJudge {
  private static final Map<String, ZeroDivision> ZEROS =
      Map.of(
          "zero_division_0", ZeroDivision.ZERO,
          "zero_division_1", ZeroDivision.ONE,
          "zero_division_nan", ZeroDivision.NAN);

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "classification", "source", "order", "cases");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (int i = 0; i < cases.size(); i++) {
      check("classification " + i, cases.get(i));
    }
    return cases.size();
  }

  private static void check(String where, JsonObject recorded) {
    var keys =
        new ArrayList<>(
            List.of(
                "true",
                "predicted",
                "labels",
                "accuracy",
                "zero_division_0",
                "support",
                "confusion",
                "confusion_labels",
                "balanced_accuracy",
                "matthews"));
    for (String optional : List.of("asked", "kappa", "zero_division_1", "zero_division_nan")) {
      if (recorded.has(optional)) {
        keys.add(optional);
      }
    }
    Recorded.form(recorded, where, keys.toArray(String[]::new));
    List<String> labels = Recorded.strings(recorded, "labels");
    for (String key : keys) {
      if (key.startsWith("zero_division_")) {
        LabelScores scores = scores(recorded, ZEROS.get(key));
        Recorded.same(where + " labels", labels, scores.labels());
        averages(where + " " + key, recorded.required(key, JsonObject::object), scores);
      }
    }
    LabelScores scores = scores(recorded, ZeroDivision.ZERO);
    Recorded.near(where, Recorded.number(recorded, "accuracy"), scores.accuracy());
    Recorded.near(
        where + " balanced",
        Recorded.number(recorded, "balanced_accuracy"),
        scores.balancedAccuracy());
    Recorded.near(where + " matthews", Recorded.number(recorded, "matthews"), scores.matthews());
    // JSON has no NaN, and null counts as absent.
    double kappa = recorded.has("kappa") ? Recorded.number(recorded, "kappa") : Double.NaN;
    Recorded.near(where + " kappa", kappa, scores.kappa());
    double[] support = Recorded.numbers(recorded, "support");
    for (int label = 0; label < support.length; label++) {
      Recorded.same(where + " support", (long) support[label], scores.support(labels.get(label)));
    }
    confusion(where, recorded);
  }

  private static LabelScores scores(JsonObject recorded, ZeroDivision zero) {
    List<String> truth = Recorded.strings(recorded, "true");
    List<String> guesses = Recorded.strings(recorded, "predicted");
    return recorded.has("asked")
        ? LabelScores.of(truth, guesses, zero, Recorded.strings(recorded, "asked"))
        : LabelScores.of(truth, guesses, zero);
  }

  private static void averages(String where, JsonObject recorded, LabelScores scores) {
    Recorded.form(recorded, where, "precision", "recall", "f1", "macro", "micro", "weighted");
    List<PrecisionRecallF1> each = scores.labels().stream().map(scores::of).toList();
    near(
        where + " precision",
        Recorded.numbers(recorded, "precision"),
        each.stream().mapToDouble(PrecisionRecallF1::precision).toArray());
    near(
        where + " recall",
        Recorded.numbers(recorded, "recall"),
        each.stream().mapToDouble(PrecisionRecallF1::recall).toArray());
    near(
        where + " f1",
        Recorded.numbers(recorded, "f1"),
        each.stream().mapToDouble(PrecisionRecallF1::f1).toArray());
    near(where + " macro", Recorded.numbers(recorded, "macro"), three(scores.macro()));
    near(where + " micro", Recorded.numbers(recorded, "micro"), three(scores.micro()));
    near(where + " weighted", Recorded.numbers(recorded, "weighted"), three(scores.weighted()));
  }

  private static void confusion(String where, JsonObject recorded) {
    Confusion confusion =
        Confusion.of(Recorded.strings(recorded, "true"), Recorded.strings(recorded, "predicted"));
    Recorded.same(
        where + " labels of the confusion",
        Recorded.strings(recorded, "confusion_labels"),
        confusion.labels());
    List<List<Integer>> counts = new ArrayList<>();
    for (int[] row : recorded.required("confusion", JsonObject::integerRows)) {
      counts.add(java.util.Arrays.stream(row).boxed().toList());
    }
    Recorded.same(where + " confusion", counts, confusion.counts());
  }

  /// The three numbers, in the order of the files.
  static double[] three(PrecisionRecallF1 scores) {
    return new double[] {scores.precision(), scores.recall(), scores.f1()};
  }

  /// Fails unless all numbers are near.
  static void near(String where, double[] recorded, double[] got) {
    Recorded.same(where + ", how many", recorded.length, got.length);
    for (int i = 0; i < got.length; i++) {
      Recorded.near(where + " [" + i + "]", recorded[i], got[i]);
    }
  }
}
