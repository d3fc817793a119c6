package dev.quintet.app.report;

import dev.quintet.trainer.evaluate.ErrorAnalysis;
import dev.quintet.trainer.evaluate.ErrorAnalysis.Counts;
import dev.quintet.trainer.evaluate.ErrorAnalysis.Group;
import dev.quintet.trainer.evaluate.ErrorAnalysis.Judged;
import dev.quintet.trainer.metric.Confusion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Where the model is wrong, as blocks of the page and as JSON.
///
/// @param part which rows were looked at, in words
/// @param analysis what was found
record ErrorPart(String part, ErrorAnalysis analysis) {
  private static final int MOST_LABELS = 30;
  private static final int MISTAKES = 20;

  /// The blocks of the page.
  List<Block> blocks() {
    var blocks = new ArrayList<Block>();
    blocks.add(
        new Block.Text(
            "Of %s. Rows are ordered by %s, and rows with the same by their loss."
                .formatted(part, analysis.score())));
    blocks.add(counts(analysis.counts()));
    frequent(analysis.counts(), blocks);
    confusion(blocks);
    blocks.add(examples("Worst answers by " + analysis.score(), analysis.worst()));
    blocks.add(examples("Best answers by " + analysis.score(), analysis.best()));
    blocks.add(
        examples(
            "Right answers the model finds least likely (greatest loss)", analysis.unlikeliest()));
    blocks.add(
        examples("Right answers the model finds likeliest (least loss)", analysis.likeliest()));
    blocks.add(new Block.Text("By length of the source, in quintiles:"));
    blocks.add(groups("source", analysis.bySource()));
    blocks.add(new Block.Text("By length of the right answer, in quintiles:"));
    blocks.add(groups("right answer", analysis.byTarget()));
    analysis
        .byColumn()
        .forEach((name, groups) -> {
          blocks.add(new Block.Text("By " + name + ":"));
          blocks.add(groups(name, groups));
        });
    return blocks;
  }

  private static Block.Table counts(Counts counts) {
    var rows = new ArrayList<List<String>>();
    int all = counts.rows();
    counts
        .sourcesCut()
        .ifPresent(
            n -> rows.add(List.of("sources longer than max_source: cut", Words.share(n, all))));
    counts
        .targetsCut()
        .ifPresent(
            n -> rows.add(List.of("right answers longer than max_target", Words.share(n, all))));
    rows.add(List.of("answers cut off at their longest length", Words.share(counts.cutOff(), all)));
    rows.add(List.of("empty answers", Words.share(counts.empty(), all)));
    rows.add(
        List.of(
            "answers that repeat words three times in a row", Words.share(counts.looping(), all)));
    rows.add(List.of("different answers", Words.share(counts.distinct(), all)));
    counts
        .noLabel()
        .ifPresent(n -> rows.add(List.of("answers that are no label", Words.share(n, all))));
    return new Block.Table(List.of("answers", "rows"), rows, 1);
  }

  private static void frequent(Counts counts, List<Block> blocks) {
    if (!counts.frequent().isEmpty()) {
      blocks.add(
          new Block.Folded(
              "Answers given more than once",
              List.of(
                  new Block.Table(
                      List.of("answer", "rows"),
                      counts.frequent().stream()
                          .map(one ->
                              List.of(
                                  one.answer().isBlank() ? "(nothing)" : one.answer(),
                                  Words.share(one.times(), counts.rows())))
                          .toList(),
                      1))));
    }
  }

  private void confusion(List<Block> blocks) {
    if (analysis.confusion().isEmpty()) {
      return;
    }
    Confusion confusion = analysis.confusion().orElseThrow();
    List<Confusion.Mistake> mistakes = confusion.mistakes(MISTAKES);
    blocks.add(new Block.Text("Most frequent confusions:"));
    blocks.add(
        mistakes.isEmpty()
            ? new Block.Text("None: every answer is right.")
            : new Block.Table(
                List.of("wanted", "answered", "rows"),
                mistakes.stream()
                    .map(one -> List.of(one.truth(), one.guess(), Words.count(one.times())))
                    .toList(),
                2));
    List<String> labels = confusion.labels();
    if (labels.size() > MOST_LABELS) {
      blocks.add(
          new Block.Text(
              "%d labels are too many for a table here; report.json has all."
                  .formatted(labels.size())));
      return;
    }
    var head = new ArrayList<String>(List.of("wanted \u2193 answered \u2192"));
    head.addAll(labels);
    var rows = new ArrayList<List<String>>();
    for (int i = 0; i < labels.size(); i++) {
      var row = new ArrayList<String>(List.of(labels.get(i)));
      confusion.counts().get(i).forEach(times -> row.add(Words.count(times)));
      rows.add(row);
    }
    blocks.add(
        new Block.Folded("Confusion of all labels", List.of(new Block.Table(head, rows, 1))));
  }

  private static Block examples(String title, List<Judged> rows) {
    return new Block.Folded(
        "%s: %d rows".formatted(title, rows.size()),
        rows.stream()
            .<Block>map(row ->
                new Block.Example(
                    "%s, score %s, loss %s%s"
                        .formatted(
                            row.prediction().sample().id(),
                            Words.score(row.score()),
                            Words.score(row.prediction().loss()),
                            row.prediction().reply().cutOff() ? ", cut off" : ""),
                    row.prediction().sample().source(),
                    row.prediction().sample().answers(),
                    row.prediction().reply().text()))
            .toList());
  }

  private Block.Table groups(String of, List<Group> groups) {
    return new Block.Table(
        List.of(of, "rows", analysis.score(), "mean loss"),
        groups.stream()
            .map(group ->
                List.of(
                    group.name(),
                    Words.count(group.rows()),
                    Words.score(group.score()),
                    Words.score(group.loss())))
            .toList(),
        1);
  }

  /// All numbers; of rows their ids.
  Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("part", part);
    json.put("score", analysis.score());
    json.put("counts", json(analysis.counts()));
    json.put("worst", json(analysis.worst()));
    json.put("best", json(analysis.best()));
    json.put("greatest_loss", json(analysis.unlikeliest()));
    json.put("least_loss", json(analysis.likeliest()));
    json.put("by_source_length", groups(analysis.bySource()));
    json.put("by_target_length", groups(analysis.byTarget()));
    var columns = new LinkedHashMap<String, Object>();
    analysis.byColumn().forEach((name, groups) -> columns.put(name, groups(groups)));
    json.put("by_column", columns);
    analysis
        .confusion()
        .ifPresent(confusion ->
            json.put(
                "confusion",
                new TreeMap<>(Map.of("labels", confusion.labels(), "counts", confusion.counts()))));
    return json;
  }

  private static Map<String, Object> json(Counts counts) {
    var json = new LinkedHashMap<String, Object>();
    json.put("rows", counts.rows());
    counts.sourcesCut().ifPresent(n -> json.put("sources_cut", n));
    counts.targetsCut().ifPresent(n -> json.put("targets_cut", n));
    json.put("cut_off", counts.cutOff());
    json.put("empty", counts.empty());
    json.put("looping", counts.looping());
    json.put("distinct", counts.distinct());
    counts.noLabel().ifPresent(n -> json.put("no_label", n));
    json.put(
        "frequent",
        counts.frequent().stream()
            .map(one -> new TreeMap<>(Map.of("answer", one.answer(), "rows", one.times())))
            .toList());
    return json;
  }

  private static List<Map<String, Object>> json(List<Judged> rows) {
    return rows.stream()
        .map(row -> {
          Map<String, Object> json = new LinkedHashMap<>();
          json.put("id", row.prediction().sample().id());
          json.put("score", row.score());
          json.put("loss", row.prediction().loss());
          json.put("prediction", row.prediction().reply().text());
          return json;
        })
        .toList();
  }

  private static List<Map<String, Object>> groups(List<Group> groups) {
    return groups.stream()
        .map(group -> {
          Map<String, Object> json = new LinkedHashMap<>();
          json.put("group", group.name());
          json.put("rows", group.rows());
          json.put("score", group.score());
          json.put("loss", group.loss());
          return json;
        })
        .toList();
  }
}
