package dev.quintet.app.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

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
    for (String phase : List.of(Comparison.PRETRAIN, Comparison.FULL, Comparison.FROZEN)) {
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
    JsonNode score = folder.result("score").orElseThrow();
    JsonNode alone = score.path("without_near_neighbour");
    var text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "Naming %,d methods of classes it has never seen (per cent; +- is half a 95 %% interval,%n"
                + "classes drawn whole)%n%n",
            score.path("model").path("examples").asLong()));
    text.append(
        String.format("%-34s %6s %8s %6s %6s %6s%n", "", "exact", "", "prec.", "recall", "F1"));
    text.append(row("this model", score.path("model")));
    text.append(row("nearest neighbour (TF-IDF)", score.path("nearest_neighbour")));
    text.append(
        row(
            "always \"" + score.path("constant_words").stringValue("") + "\"",
            score.path("constant_guess")));
    text.append(String.format("%n"));
    JsonNode ahead = score.path("ahead_of_neighbour");
    text.append(lead("F1", ahead.path("f1")));
    text.append(lead("Exact match", ahead.path("exact_match")));
    text.append(
        String.format(
            Locale.ROOT,
            "%nThe %,d of them that have no near neighbour in the training classes%n%n",
            alone.path("model").path("examples").asLong()));
    text.append(row("this model", alone.path("model")));
    text.append(row("nearest neighbour", alone.path("nearest_neighbour")));
    text.append(String.format("%nTen of them%n%n"));
    text.append(score.path("examples_table").stringValue(""));
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
  private static String lead(String what, JsonNode json) {
    double lead = 100 * json.path("lead").asDouble();
    double margin = 100 * json.path("margin").asDouble();
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
      JsonNode trained = folder.result(way.trainPhase()).orElseThrow();
      JsonNode scored = folder.result(way.scorePhase()).orElseThrow();
      text.append(
          String.format(
              Locale.ROOT,
              "%-24s %,8d %9.1f %9.2f MB %9.2f MB %7.1f%n",
              way.trained(),
              trained.path("steps").asLong(),
              trained.path("steps_per_second").asDouble(),
              trained.path("optimizer_bytes").asLong() / 1e6,
              trained.path("gradient_bytes").asLong() / 1e6,
              100 * scored.path("f1").asDouble()));
    }
    listener.result(text.toString());
  }

  private void compared() {
    Optional<JsonNode> full = folder.result(Comparison.FULL + "-score");
    Optional<JsonNode> frozen = folder.result(Comparison.FROZEN + "-score");
    if (full.isEmpty() || frozen.isEmpty()) {
      return;
    }
    double plain = folder.result("score").orElseThrow().path("model").path("f1").asDouble();
    listener.result(
        String.format(
            Locale.ROOT,
            "The same number of steps spent otherwise (F1)%n%n"
                + "%-44s %6.1f%n%-44s %6.1f%n%-44s %6.1f%n",
            "naming alone",
            100 * plain,
            "a fifth on span corruption, then naming",
            100 * full.get().path("f1").asDouble(),
            "the same, encoder frozen after it",
            100 * frozen.get().path("f1").asDouble()));
  }

  private ObjectNode metrics(double taken, OptionalDouble planned) {
    JsonNode score = folder.result("score").orElseThrow();
    JsonNode trained = folder.result("train").orElseThrow();
    ObjectNode metrics = DemoFolder.object();
    copy(
        score.path("model"),
        metrics.putObject("test"),
        "examples",
        "exact_match",
        "precision",
        "recall",
        "f1",
        "exact_match_margin",
        "f1_margin");
    metrics.set("ahead_of_neighbour", score.path("ahead_of_neighbour"));
    copy(score.path("constant_guess"), metrics.putObject("constant_guess"), "f1");
    copy(
        score.path("nearest_neighbour"),
        metrics.putObject("nearest_neighbour"),
        "exact_match",
        "f1");
    ObjectNode alone = metrics.putObject("without_near_neighbour");
    JsonNode without = score.path("without_near_neighbour");
    copy(without.path("model"), alone.putObject("test"), "examples", "exact_match", "f1");
    copy(
        without.path("nearest_neighbour"),
        alone.putObject("nearest_neighbour"),
        "exact_match",
        "f1");
    metrics
        .putObject("validation_loss")
        .put("first", trained.path("first_loss").asDouble())
        .put("last", trained.path("last_loss").asDouble());
    ArrayNode freezing = metrics.putArray("freezing");
    for (SecondTask.Way way : SecondTask.Way.values()) {
      if (folder.result(way.scorePhase()).isPresent()) {
        JsonNode training = folder.result(way.trainPhase()).orElseThrow();
        ObjectNode row = freezing.addObject().put("trained", way.trained());
        row.put("steps_per_second", training.path("steps_per_second").asDouble());
        row.put("steps", training.path("steps").asLong());
        row.put("optimizer_bytes", training.path("optimizer_bytes").asLong());
        row.put("gradient_bytes", training.path("gradient_bytes").asLong());
        row.put("f1", folder.result(way.scorePhase()).orElseThrow().path("f1").asDouble());
      }
    }
    comparison(metrics);
    ObjectNode seconds = metrics.putObject("seconds");
    for (Map.Entry<String, Double> phase : folder.seconds(PHASES).entrySet()) {
      seconds.put(phase.getKey(), phase.getValue());
    }
    planned.ifPresent(all -> metrics.put("seconds_planned", all));
    metrics.put("seconds_taken", taken);
    metrics.put("tokens_per_second", trained.path("tokens_per_second").asDouble());
    return metrics;
  }

  private void comparison(ObjectNode metrics) {
    for (String phase : List.of(Comparison.FULL, Comparison.FROZEN)) {
      Optional<JsonNode> scored = folder.result(phase + "-score");
      if (scored.isPresent()) {
        ObjectNode all = metrics.withObject("/compare");
        copy(
            scored.get(), all.putObject(phase.substring("compare-".length())), "exact_match", "f1");
      }
    }
  }

  private static void copy(JsonNode from, ObjectNode to, String... keys) {
    for (String key : keys) {
      to.set(key, from.path(key));
    }
  }

  private static String row(String name, JsonNode scores) {
    return String.format(
                Locale.ROOT,
                "%-34s %6.1f %8s %6.1f %6.1f %6.1f %8s",
                name,
                100 * scores.path("exact_match").asDouble(),
                margin(scores.path("exact_match_margin")),
                100 * scores.path("precision").asDouble(),
                100 * scores.path("recall").asDouble(),
                100 * scores.path("f1").asDouble(),
                margin(scores.path("f1_margin")))
            .stripTrailing()
        + System.lineSeparator();
  }

  private static String margin(JsonNode margin) {
    return margin.isNumber() ? String.format(Locale.ROOT, "+- %.1f", 100 * margin.asDouble()) : "";
  }
}
