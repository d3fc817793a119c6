package dev.quintet.app.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ScoreTitleTest {
  @Test
  void scoresAreCalledAsAReaderWouldWriteThem() {
    assertEquals("ROUGE-Lsum", ScoreTitle.of("rougeLsum"));
    assertEquals("chrF2++", ScoreTitle.of("chrf2++"));
    assertEquals("Macro F1", ScoreTitle.of("macro_f1"));
    assertEquals("Precision at 3", ScoreTitle.of("precision_at_3"));
    assertEquals("Exact matches", ScoreTitle.of("exact"));
    assertEquals("Average loss", ScoreTitle.of("average_loss"));
    assertEquals("Average scores: F1", ScoreTitle.of("average_scores/f1"));
  }
}
