package dev.quintet.app.cli;

import dev.quintet.app.report.Block;
import dev.quintet.app.report.Words;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.ByClass;
import dev.quintet.trainer.metric.Classification;
import dev.quintet.trainer.metric.Confusion;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.metric.PrecisionRecallF1;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The scores of each label or tag, and which labels are taken for which.
///
/// @param classes each one's scores
/// @param confusion of labels; tags have none
record ClassTable(List<ByClass.ClassScores> classes, Optional<Confusion> confusion) {
  private static final int INDENT = 2;
  private static final int MISTAKES = 10;

  /// Of a metric that has classes.
  static Optional<ClassTable> of(Metric metric, List<Answered> rows) {
    return metric instanceof ByClass byClass
        ? Optional.of(
            new ClassTable(
                byClass.classes(rows),
                byClass instanceof Classification labels
                    ? Optional.of(labels.confusion(rows))
                    : Optional.empty()))
        : Optional.empty();
  }

  /// A line a class, then the most frequent mistakes.
  String text() {
    var rows = new ArrayList<List<String>>();
    for (ByClass.ClassScores one : classes) {
      PrecisionRecallF1 scores = one.scores();
      rows.add(
          List.of(
              shown(one.name()),
              Words.score(scores.precision()),
              Words.score(scores.recall()),
              Words.score(scores.f1()),
              Long.toString(one.support()),
              Long.toString(one.guessed())));
    }
    var head = List.of("", "precision", "recall", "f1", "rows", "guessed");
    var out = new StringBuilder(new Block.Table(head, rows, 1).text().indent(INDENT));
    for (Confusion.Mistake mistake :
        confusion.map(all -> all.mistakes(MISTAKES)).orElse(List.of())) {
      out.append(
          "  %s was taken for %s %s\n"
              .formatted(
                  shown(mistake.truth()),
                  shown(mistake.guess()),
                  mistake.times() == 1 ? "once" : "%,d times".formatted(mistake.times())));
    }
    return out.toString();
  }

  /// A label that would break the line or vanish in it is quoted.
  private static String shown(String name) {
    return name.isBlank() || !name.equals(name.strip()) || name.lines().count() > 1
        ? JsonLine.of(name)
        : name;
  }

  /// The same as JSON, with the whole confusion: a row a true label, a column a guessed one.
  Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    var each = new LinkedHashMap<String, Object>();
    for (ByClass.ClassScores one : classes) {
      var scores = new LinkedHashMap<String, Object>();
      scores.put("precision", one.scores().precision());
      scores.put("recall", one.scores().recall());
      scores.put("f1", one.scores().f1());
      scores.put("rows", one.support());
      scores.put("guessed", one.guessed());
      each.put(one.name(), scores);
    }
    json.put("classes", each);
    confusion.ifPresent(all ->
        json.put(
            "confusion",
            new LinkedHashMap<>(Map.of("labels", all.labels(), "counts", all.counts()))));
    return json;
  }
}
