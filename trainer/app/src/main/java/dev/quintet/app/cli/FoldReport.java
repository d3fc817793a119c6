package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import dev.quintet.trainer.evaluate.Scored;
import dev.quintet.trainer.folds.FoldScores;
import dev.quintet.trainer.metric.Metric;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/// What the folds say together: a summary, pooled scores, and a comparison with another system.
final class FoldReport {
  private static final double LEVEL = 0.95;

  private final List<JsonObject> folds;
  private final List<Metric> metrics;
  private final SequencedMap<String, Double> pooled;
  private final List<String> warnings;

  /// @param folds their results in order
  /// @param predictions of all folds
  FoldReport(
      List<JsonObject> folds, List<Metric> metrics, List<Path> predictions, List<String> warnings) {
    this.folds = folds;
    this.metrics = metrics;
    this.warnings = warnings;
    var all = new ArrayList<Prediction>();
    predictions.forEach(file -> all.addAll(Predictions.read(file)));
    pooled = Scored.of(Double.NaN, metrics, all).scores();
  }

  private List<String> names() {
    return folds.getFirst().required("scores", JsonObject::object).keysAsWritten();
  }

  private static double number(JsonObject json, String key) {
    return switch (json.value(key).orElseThrow()) {
      case Number number -> number.doubleValue();
      case Object text -> Double.parseDouble(text.toString());
    };
  }

  private static FoldScores scores(List<JsonObject> folds, String name) {
    double[] values =
        folds.stream()
            .mapToDouble(fold -> number(fold.required("scores", JsonObject::object), name))
            .toArray();
    double train =
        folds.stream()
            .mapToDouble(fold -> number(fold, "train_rows") + number(fold, "validation_rows"))
            .average()
            .orElseThrow();
    double test =
        folds.stream().mapToDouble(fold -> number(fold, "test_rows")).average().orElseThrow();
    return new FoldScores(values, train, test);
  }

  private boolean higherIsBetter(String name) {
    return metrics.stream()
        .filter(metric -> metric.names().contains(name))
        .findFirst()
        .map(metric -> metric.higherIsBetter(name))
        .orElse(false);
  }

  /// Writes the report.
  void write(Path file, Optional<Path> other) {
    var report = new LinkedHashMap<String, Object>();
    var summary = new LinkedHashMap<String, Object>();
    for (String name : names()) {
      FoldScores scores = scores(folds, name);
      var one = new LinkedHashMap<String, Object>();
      one.put("higher_is_better", higherIsBetter(name));
      one.put("mean", scores.mean());
      one.put("sd", scores.deviation());
      one.put("plain_interval", ends(scores.plain(LEVEL)));
      one.put("corrected_interval", ends(scores.corrected(LEVEL)));
      summary.put(name, one);
    }
    report.put("summary", summary);
    report.put("pooled", pooled);
    report.put("warnings", warnings);
    other.ifPresent(path -> report.put("comparison", comparison(JsonObject.read(path))));
    report.put(
        "folds",
        folds.stream()
            .map(fold -> {
              var one = new LinkedHashMap<String, Object>();
              fold.keysAsWritten().forEach(key -> one.put(key, fold.value(key).orElseThrow()));
              return one;
            })
            .toList());
    AtomicFile.write(file, JsonText.of(report) + "\n");
  }

  private static List<Double> ends(FoldScores.Interval interval) {
    return List.of(interval.low(), interval.high());
  }

  /// Differences to another system's scores, this one's less the other's.
  ///
  /// @throws IllegalArgumentException if its folds are others
  SequencedMap<String, Object> comparison(JsonObject other) {
    List<JsonObject> theirs =
        other.required("folds", JsonObject::list).stream().map(JsonObject.class::cast).toList();
    if (!hashes(theirs).equals(hashes(folds))) {
      throw new IllegalArgumentException(
          other.source()
              + " is of other folds than these: systems are compared on the same rows, k, repeats, seed, strata and groups");
    }
    var comparison = new LinkedHashMap<String, Object>();
    for (String name : names()) {
      if (theirs.getFirst().required("scores", JsonObject::object).has(name)) {
        FoldScores.Comparison one = scores(folds, name).compare(scores(theirs, name));
        comparison.put(
            name,
            new LinkedHashMap<>(
                Map.of("difference", one.difference(), "t", one.t(), "p", one.p())));
      }
    }
    return comparison;
  }

  private static List<String> hashes(List<JsonObject> folds) {
    return folds.stream().map(fold -> fold.required("test_sha256", JsonObject::string)).toList();
  }

  /// The summary as text.
  String text(Optional<Path> other) {
    var text = new StringBuilder();
    int width = Math.max(14, names().stream().mapToInt(String::length).max().orElse(0));
    text.append(
        ("%-" + width + "s %9s %9s  %-22s %-22s %9s%n")
            .formatted("", "mean", "sd", "corrected 95 %", "plain (too narrow)", "pooled"));
    for (String name : names()) {
      FoldScores scores = scores(folds, name);
      text.append(
          String.format(
              Locale.ROOT,
              "%-" + width + "s %9.4f %9.4f  %-22s %-22s %9s%n",
              name,
              scores.mean(),
              scores.deviation(),
              text(scores.corrected(LEVEL)),
              text(scores.plain(LEVEL)),
              pooled.containsKey(name)
                  ? String.format(Locale.ROOT, "%.4f", Objects.requireNonNull(pooled.get(name)))
                  : ""));
    }
    other
        .map(JsonObject::read)
        .map(this::comparison)
        .ifPresent(comparison ->
            comparison.forEach((name, one) ->
                text.append(
                    "%s against %s: %s%n"
                        .formatted(name, other.orElseThrow(), JsonText.line(one)))));
    return text.toString();
  }

  private static String text(FoldScores.Interval interval) {
    return String.format(Locale.ROOT, "%.4f to %.4f", interval.low(), interval.high());
  }
}
