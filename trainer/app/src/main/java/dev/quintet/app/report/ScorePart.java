package dev.quintet.app.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Scores with intervals, and beside those of others, as blocks of the page.
///
/// @param scores what was scored
record ScorePart(Scores scores) {
  private static final Map<String, String> NAMES =
      Map.of(
          "majority", "majority answer",
          "first_sentence", "first sentence",
          "nearest", "nearest neighbour",
          "start", "start model");

  /// The scores alone.
  List<Block> blocks() {
    var blocks = new ArrayList<Block>();
    scores.notes().forEach(note -> blocks.add(new Block.Warning(note)));
    blocks.add(
        new Block.Table(
            List.of("score", "value", "95 % interval", "better is"),
            scores.lines().stream()
                .map(line ->
                    List.of(
                        line.name(),
                        Words.score(line.value()),
                        "%s to %s"
                            .formatted(
                                Words.score(line.interval().low()),
                                Words.score(line.interval().high())),
                        line.higherIsBetter() ? "more" : "less"))
                .toList(),
            1));
    blocks.add(
        new Block.Text(
            "n = %s rows; intervals are percentiles of the bootstrap over rows, B = %d, seed = %d."
                .formatted(Words.count(scores.rows()), Scores.RESAMPLES, Scores.SEED)));
    scores
        .signatures()
        .forEach((name, signature) -> blocks.add(new Block.Text(name + ": " + signature)));
    return blocks;
  }

  /// Each score beside the others', the first of each metric before all.
  List<Block> comparison() {
    var blocks = new ArrayList<Block>();
    blocks.add(beside(scores.lines().stream().filter(Scores.Line::leads).toList()));
    if (scores.lines().stream().anyMatch(line -> !line.leads())) {
      blocks.add(new Block.Folded("By every score", List.of(beside(scores.lines()))));
    }
    blocks.add(
        new Block.Text(
            "Of %s, n = %s, the same rows for all. p: two-sided paired bootstrap as in sacrebleu, B = %d, seed = %d, at least %s by construction; corrected by Holm for all systems beside one score."
                .formatted(
                    scores.part(),
                    Words.count(scores.rows()),
                    Scores.RESAMPLES,
                    Scores.SEED,
                    Words.p(1.0 / (Scores.RESAMPLES + 1)))));
    return blocks;
  }

  private static Block beside(List<Scores.Line> lines) {
    var rows = new ArrayList<List<String>>();
    for (Scores.Line line : lines) {
      for (Scores.Rival rival : line.rivals()) {
        rows.add(
            List.of(
                line.name(),
                NAMES.getOrDefault(rival.system(), rival.system()),
                Words.score(rival.value()),
                Words.score(line.value()),
                Words.difference(line.value() - rival.value()),
                Words.p(rival.p()),
                Words.p(rival.adjusted())));
      }
    }
    return new Block.Table(
        List.of("score", "compared with", "its score", "this model", "difference", "p", "p (Holm)"),
        rows,
        2);
  }
}
