package dev.quintet.app.cli;

import dev.quintet.app.report.Words;
import dev.quintet.core.io.JsonText;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.metric.translation.TranslationMetric;
import dev.quintet.trainer.statistics.Bootstrap;
import dev.quintet.trainer.statistics.Interval;
import dev.quintet.trainer.statistics.Resamples;
import dev.quintet.trainer.statistics.SamplingUnits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/// Scores of a file with their intervals, and beside those of another system.
///
/// @param parts what each metric says
/// @param rows how many rows there are
/// @param groups how many groups are drawn as a whole; nothing where rows are
/// @param unanswered rows without a right answer
/// @param draws how often they are drawn anew, and by which seed
/// @param comparison with other systems, where there are any
record ScoreSheet(
    List<Part> parts,
    int rows,
    OptionalInt groups,
    int unanswered,
    Draws draws,
    Optional<SystemComparison> comparison) {
  private static final double LEVEL = 0.95;
  private static final int FEW = 30;

  /// How intervals are made.
  ///
  /// @param count resamples
  /// @param seed what they are drawn by
  /// @param skewed whether intervals allow for bias and skewness (BCa)
  record Draws(int count, long seed, boolean skewed) {}

  /// One score.
  record Line(String name, Bootstrap score, Interval interval) {}

  /// What a metric says, and of each class where that is asked for.
  record Part(
      String metric,
      List<Line> lines,
      String signature,
      List<String> notes,
      Optional<ClassTable> classes) {}

  /// Other systems' answers to the same rows, by their files.
  record Others(SequencedMap<String, ScoredFile> files, PairedTests tests) {}

  /// Scores a file, beside others where there are any.
  ///
  /// @param metrics by their names in `--metric`
  /// @param perClass whether labels and tags are shown one by one
  static ScoreSheet of(
      SequencedMap<String, Metric> metrics,
      ScoredFile file,
      Optional<Others> others,
      Draws draws,
      boolean perClass) {
    var systems = new LinkedHashMap<String, List<PairedTests.Difference>>();
    var parts = new ArrayList<Part>();
    int units = 0;
    for (Map.Entry<String, Metric> entry : metrics.entrySet()) {
      Metric metric = entry.getValue();
      Measured measured = metric.measure(file.rows());
      SamplingUnits drawn = units(measured, file);
      units = drawn.size();
      Resamples resamples = Resamples.seeded(units, draws.count, draws.seed);
      List<Bootstrap> scores = Bootstrap.of(drawn, resamples);
      others.ifPresent(all ->
          all.files.forEach((system, other) ->
              systems
                  .computeIfAbsent(system, _ -> new ArrayList<>())
                  .addAll(
                      all.tests.of(
                          entry.getKey(),
                          metric,
                          units(metric.measure(other.rows()), file),
                          drawn))));
      var lines = new ArrayList<Line>();
      for (int i = 0; i < scores.size(); i++) {
        Bootstrap score = scores.get(i);
        lines.add(
            new Line(
                entry.getKey() + "/" + metric.names().get(i),
                score,
                draws.skewed ? score.bca(LEVEL) : score.percentile(LEVEL)));
      }
      parts.add(
          new Part(
              entry.getKey(),
              lines,
              signature(metric, file, draws),
              measured.notes(),
              perClass ? ClassTable.of(metric, file.rows()) : Optional.empty()));
    }
    return new ScoreSheet(
        parts,
        file.rows().size(),
        file.groups().isEmpty() ? OptionalInt.empty() : OptionalInt.of(units),
        file.unanswered(),
        draws,
        others.map(all -> new SystemComparison(all.tests, systems)));
  }

  private static SamplingUnits units(Measured measured, ScoredFile file) {
    return file.groups().isEmpty()
        ? SamplingUnits.rows(measured)
        : SamplingUnits.groups(measured, file.groups());
  }

  private static String signature(Metric metric, ScoredFile file, Draws draws) {
    return metric instanceof TranslationMetric translation
        ? translation.signature(file.rows()).withBootstrap(draws.count, draws.seed).toString()
        : metric.signature();
  }

  private int units() {
    return groups.orElse(rows);
  }

  /// A line a score for people, then how it came about.
  String text() {
    int width =
        parts.stream()
            .flatMap(part -> part.lines.stream())
            .mapToInt(line -> line.name.length())
            .max()
            .orElse(0);
    var out = new StringBuilder();
    for (Part part : parts) {
      part.lines.forEach(line -> out.append(text(line, width)).append('\n'));
    }
    for (Part part : parts) {
      part.classes
          .map(ClassTable::text)
          .ifPresent(text -> out.append(part.metric).append(" by class\n").append(text));
    }
    for (Part part : parts) {
      if (!part.signature.isEmpty()) {
        out.append(part.metric).append("  ").append(part.signature).append('\n');
      }
    }
    out.append(
        "n = %d%s; 95 %% intervals by bootstrap (%s), B = %d, seed = %d\n"
            .formatted(
                rows,
                groups.isEmpty() ? "" : " in " + units() + " groups",
                draws.skewed ? "BCa" : "percentile",
                draws.count,
                draws.seed));
    comparison.map(SystemComparison::text).ifPresent(out::append);
    return out.toString();
  }

  private static String text(Line line, int width) {
    var out = new StringBuilder(line.name);
    out.append(" ".repeat(width - line.name.length()));
    out.append("  ").append(Words.score(line.score.value()));
    out.append("  [").append(Words.score(line.interval.low())).append(", ");
    out.append(Words.score(line.interval.high())).append("]");
    return out.toString();
  }

  /// The same as JSON.
  String json() {
    var scores = new LinkedHashMap<String, Object>();
    for (Part part : parts) {
      var lines = new LinkedHashMap<String, Object>();
      part.lines.forEach(
          line -> lines.put(line.name.substring(part.metric.length() + 1), json(line)));
      var one = new LinkedHashMap<String, Object>();
      one.put("scores", lines);
      if (!part.signature.isEmpty()) {
        one.put("signature", part.signature);
      }
      if (!part.notes.isEmpty()) {
        one.put("notes", part.notes);
      }
      part.classes.ifPresent(table -> one.putAll(table.json()));
      scores.put(part.metric, one);
    }
    var all = new LinkedHashMap<String, Object>();
    all.put("n", rows);
    groups.ifPresent(count -> all.put("groups", count));
    all.put("resamples", draws.count);
    all.put("seed", draws.seed);
    all.put("level", LEVEL);
    all.put("metrics", scores);
    return JsonText.of(all) + "\n";
  }

  private Map<String, Object> json(Line line) {
    var json = new LinkedHashMap<String, Object>();
    json.put("score", line.score.value());
    json.put("low", line.interval.low());
    json.put("high", line.interval.high());
    json.put("method", line.interval.method().name().toLowerCase(Locale.ROOT));
    List<Map<String, Object>> systems =
        comparison.map(all -> compared(all, line)).orElse(List.of());
    if (systems.size() == 1) {
      json.putAll(systems.getFirst());
    } else if (!systems.isEmpty()) {
      json.put("baselines", systems);
    }
    return json;
  }

  private static List<Map<String, Object>> compared(SystemComparison all, Line line) {
    var systems = new ArrayList<Map<String, Object>>();
    all.json(line.name)
        .forEach((file, says) -> {
          var one = new LinkedHashMap<String, Object>();
          if (all.systems().size() > 1) {
            one.put("file", file);
          }
          one.putAll(says);
          systems.add(one);
        });
    return systems;
  }

  /// What a reader of the scores has to know, a line each.
  List<String> warnings() {
    var warnings = new ArrayList<String>();
    if (units() < FEW) {
      warnings.add(
          "n = %d %s: intervals from fewer than %d are too narrow to be trusted"
              .formatted(units(), groups.isEmpty() ? "rows" : "groups", FEW));
    }
    if (unanswered > 0) {
      warnings.add(
          "%d rows have an empty list of right answers: an empty text stands for it"
              .formatted(unanswered));
    }
    comparison.flatMap(SystemComparison::warning).ifPresent(warnings::add);
    for (Part part : parts) {
      part.notes.forEach(note -> warnings.add(part.metric + ": " + note));
      for (Line line : part.lines) {
        if (line.score.undefined() > 0) {
          warnings.add(
              "%s: %d of %d resamples have no such score and are left out"
                  .formatted(line.name, line.score.undefined(), draws.count));
        }
        if (draws.skewed && line.interval.method() != Interval.Method.BCA) {
          warnings.add(
              line.name + ": no BCa interval, since all resamples lie on one side; by percentiles");
        }
      }
    }
    return warnings;
  }
}
