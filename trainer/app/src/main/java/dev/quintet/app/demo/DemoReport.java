package dev.quintet.app.demo;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// What the demo tells in the end, read from the results of its phases.
final class DemoReport {
  private static final List<String> PHASES = phases();

  private final DemoFolder folder;
  private final DemoListener listener;

  DemoReport(DemoFolder folder, DemoListener listener) {
    this.folder = folder;
    this.listener = listener;
  }

  private static List<String> phases() {
    var phases = new ArrayList<>(List.of("parse", "tokenizer", "train", "score"));
    for (SecondTask.Way way : SecondTask.Way.values()) {
      phases.add(way.trainPhase());
      phases.add(way.scorePhase());
    }
    for (String phase :
        List.of(
            PretrainingComparison.PRETRAIN,
            PretrainingComparison.FULL,
            PretrainingComparison.FROZEN)) {
      phases.add(phase);
      phases.add(phase + "-score");
    }
    return List.copyOf(phases);
  }

  /// Seconds of the phases that are done.
  static double secondsDone(DemoFolder folder) {
    return folder.seconds(PHASES).values().stream().mapToDouble(s -> s).sum();
  }

  /// The naming task: scores beside the rivals', and the examples.
  void names() {
    JsonObject score = folder.result("score").orElseThrow();
    JsonObject alone = within(score, "without_near_neighbour");
    var text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "Naming %,d methods of classes it has never seen (per cent; +- is half a 95 %% interval,%n"
                + "classes drawn whole)%n%n",
            within(score, "model").required("examples", JsonObject::whole)));
    text.append(
        String.format("%-34s %6s %8s %6s %6s %6s%n", "", "exact", "", "prec.", "recall", "F1"));
    text.append(row("this model", within(score, "model")));
    text.append(row("nearest neighbour (TF-IDF)", within(score, "nearest_neighbour")));
    text.append(
        row(
            "always \"" + score.required("constant_words", JsonObject::string) + "\"",
            within(score, "constant_guess")));
    text.append(String.format("%n"));
    JsonObject ahead = within(score, "ahead_of_neighbour");
    text.append(lead("F1", within(ahead, "f1")));
    text.append(lead("Exact match", within(ahead, "exact_match")));
    text.append(
        String.format(
            Locale.ROOT,
            "%nThe %,d of them that have no near neighbour in the training classes%n%n",
            within(alone, "model").required("examples", JsonObject::whole)));
    text.append(row("this model", within(alone, "model")));
    text.append(row("nearest neighbour", within(alone, "nearest_neighbour")));
    text.append(String.format("%nTen of them%n%n"));
    text.append(score.required("examples_table", JsonObject::string));
    listener.result(text.toString());
  }

  /// What freezing did, the comparison if there is one, where the files are, and the time; then `metrics.json`.
  ///
  /// @param taken seconds of all
  /// @param planned seconds that were asked for, if they were
  void finish(double taken, OptionalDouble planned) {
    freezing();
    compared();
    folder.metrics(metrics(taken, planned));
    listener.result(
        """
        Files
          %1$s          the model: Hugging Face's layout, for Quintet and for transformers
          %2$s   every number above
          %3$s      loss by step, and %4$s

        Use it
          ./quintet demo --ask FILE.java --out %5$s
          ./quintet generate --model %1$s "boolean int n return n == 0"
        """
            .formatted(
                folder.path("model"),
                folder.path("metrics.json"),
                folder.path("log.jsonl"),
                folder.path("loss.png"),
                folder.path("")));
    String asked =
        planned.isPresent()
            ? minutes(planned.getAsDouble()) + " planned, "
            : "no time was planned, ";
    listener.result("Time: " + asked + minutes(taken) + " taken");
  }

  private static String minutes(double seconds) {
    long whole = Math.round(seconds);
    return String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
  }

  /// Who is ahead in a score, and whether that says anything.
  private static String lead(String what, JsonObject json) {
    double lead = 100 * number(json, "lead");
    double margin = 100 * number(json, "margin");
    String who = lead >= 0 ? "this model is ahead" : "the nearest neighbour is ahead";
    String sure = Math.abs(lead) > margin ? "" : ": too little to tell";
    return String.format(
        Locale.ROOT, "%-12s %s by %.1f +- %.1f%s%n", what + ":", who, Math.abs(lead), margin, sure);
  }

  private void freezing() {
    if (folder.result(SecondTask.Way.EVERYTHING.scorePhase()).isEmpty()) {
      return;
    }
    var text =
        new StringBuilder("Freezing at work: the same model learns tags (package words)\n\n");
    text.append(
        String.format(
            "%-24s %8s %9s %12s %12s %7s%n",
            "trained", "steps", "steps/s", "optimizer", "gradients", "F1"));
    for (SecondTask.Way way : SecondTask.Way.values()) {
      JsonObject trained = folder.result(way.trainPhase()).orElseThrow();
      JsonObject scored = folder.result(way.scorePhase()).orElseThrow();
      text.append(
          String.format(
              Locale.ROOT,
              "%-24s %,8d %9.1f %9.2f MB %9.2f MB %7.1f%n",
              way.trained(),
              trained.required("steps", JsonObject::whole),
              number(trained, "steps_per_second"),
              trained.required("optimizer_bytes", JsonObject::whole) / 1e6,
              trained.required("gradient_bytes", JsonObject::whole) / 1e6,
              100 * number(scored, "f1")));
    }
    listener.result(text.toString());
  }

  private void compared() {
    Optional<JsonObject> full = folder.result(PretrainingComparison.FULL + "-score");
    Optional<JsonObject> frozen = folder.result(PretrainingComparison.FROZEN + "-score");
    if (full.isEmpty() || frozen.isEmpty()) {
      return;
    }
    double plain = number(within(folder.result("score").orElseThrow(), "model"), "f1");
    listener.result(
        String.format(
            Locale.ROOT,
            "The same number of steps spent otherwise (F1)%n%n"
                + "%-44s %6.1f%n%-44s %6.1f%n%-44s %6.1f%n",
            "naming alone",
            100 * plain,
            "a fifth on span corruption, then naming",
            100 * number(full.get(), "f1"),
            "the same, encoder frozen after it",
            100 * number(frozen.get(), "f1")));
  }

  private Map<String, Object> metrics(double taken, OptionalDouble planned) {
    JsonObject score = folder.result("score").orElseThrow();
    JsonObject trained = folder.result("train").orElseThrow();
    var metrics = new LinkedHashMap<String, Object>();
    metrics.put(
        "test",
        some(
            within(score, "model"),
            "examples",
            "exact_match",
            "precision",
            "recall",
            "f1",
            "exact_match_margin",
            "f1_margin"));
    metrics.put("ahead_of_neighbour", within(score, "ahead_of_neighbour"));
    metrics.put("constant_guess", some(within(score, "constant_guess"), "f1"));
    metrics.put("nearest_neighbour", some(within(score, "nearest_neighbour"), "exact_match", "f1"));
    JsonObject without = within(score, "without_near_neighbour");
    var alone = new LinkedHashMap<String, Object>();
    alone.put("test", some(within(without, "model"), "examples", "exact_match", "f1"));
    alone.put("nearest_neighbour", some(within(without, "nearest_neighbour"), "exact_match", "f1"));
    metrics.put("without_near_neighbour", alone);
    var losses = new LinkedHashMap<String, Object>();
    trained.value("first_loss").ifPresent(loss -> losses.put("first", loss));
    trained.value("last_loss").ifPresent(loss -> losses.put("last", loss));
    metrics.put("validation_loss", losses);
    metrics.put("freezing", freezingRows());
    Map<String, Object> compared = comparison();
    if (!compared.isEmpty()) {
      metrics.put("compare", compared);
    }
    metrics.put("seconds", folder.seconds(PHASES));
    planned.ifPresent(all -> metrics.put("seconds_planned", all));
    metrics.put("seconds_taken", taken);
    metrics.putAll(some(trained, "tokens_per_second"));
    return metrics;
  }

  private List<Object> freezingRows() {
    var rows = new ArrayList<Object>();
    for (SecondTask.Way way : SecondTask.Way.values()) {
      folder
          .result(way.scorePhase())
          .ifPresent(scored -> {
            var row = new LinkedHashMap<String, Object>();
            row.put("trained", way.trained());
            row.putAll(
                some(
                    folder.result(way.trainPhase()).orElseThrow(),
                    "steps_per_second",
                    "steps",
                    "optimizer_bytes",
                    "gradient_bytes"));
            row.putAll(some(scored, "f1"));
            rows.add(row);
          });
    }
    return rows;
  }

  private Map<String, Object> comparison() {
    var compared = new LinkedHashMap<String, Object>();
    for (String phase : List.of(PretrainingComparison.FULL, PretrainingComparison.FROZEN)) {
      folder
          .result(phase + "-score")
          .ifPresent(scored ->
              compared.put(
                  phase.substring("compare-".length()), some(scored, "exact_match", "f1")));
    }
    return compared;
  }

  private static Map<String, Object> some(JsonObject from, String... keys) {
    var some = new LinkedHashMap<String, Object>();
    for (String key : keys) {
      some.put(key, from.required(key, JsonObject::value));
    }
    return some;
  }

  private static JsonObject within(JsonObject json, String key) {
    return json.required(key, JsonObject::object);
  }

  private static double number(JsonObject json, String key) {
    return json.required(key, JsonObject::number);
  }

  private static String row(String name, JsonObject scores) {
    return String.format(
                Locale.ROOT,
                "%-34s %6.1f %8s %6.1f %6.1f %6.1f %8s",
                name,
                100 * number(scores, "exact_match"),
                margin(scores, "exact_match_margin"),
                100 * number(scores, "precision"),
                100 * number(scores, "recall"),
                100 * number(scores, "f1"),
                margin(scores, "f1_margin"))
            .stripTrailing()
        + System.lineSeparator();
  }

  private static String margin(JsonObject scores, String key) {
    return scores
        .number(key)
        .map(margin -> String.format(Locale.ROOT, "+- %.1f", 100 * margin))
        .orElse("");
  }
}
