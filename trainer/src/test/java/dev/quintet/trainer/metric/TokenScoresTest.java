package dev.quintet.trainer.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TokenScoresTest {

  @Test
  void countsAddUpOverRowsOfUnequalLength() {
    double[][] logits = {{0, 0}, {3, 1}, {1, 2}};
    TokenScores long3 = TokenScores.ofRow(logits, new int[] {0, 0, 0}, 5);
    TokenScores short1 = TokenScores.ofRow(logits, new int[] {1, -100, -100}, 2);
    TokenScores all = long3.plus(short1);
    assertEquals(4, all.tokens());
    // Of equal logits the lowest id is the guess.
    assertEquals(2, all.rightTokens());
    assertEquals(Math.exp((long3.loss() + short1.loss()) / 4), all.perplexity(), 1e-12);
    assertEquals(7, all.bytes());
  }

  @Test
  void hasNoPerplexityWithoutLabels() {
    TokenScores none = TokenScores.ofRow(new double[][] {{1, 2}}, new int[] {-100}, 3);
    assertTrue(Double.isNaN(none.perplexity()));
    assertEquals(0, none.rows());
  }

  @Test
  void refusesLabelsOutsideTheVocabulary() {
    assertThrows(
        IllegalArgumentException.class,
        () -> TokenScores.ofRow(new double[][] {{1, 2}}, new int[] {2}, 3));
  }
}
