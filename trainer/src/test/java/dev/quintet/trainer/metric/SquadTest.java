package dev.quintet.trainer.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SquadTest {

  @Test
  void punctuationVanishesForSquadAndPartsWordsForTriviaQa() {
    String text = "The  U.S.A.\u2019s rock_'n'_roll\u00a0\u2013 an A-side";
    assertEquals(
        "usa\u2019s rocknroll \u2013 aside", new Squad(Squad.Version.V1_1).normalized(text));
    assertEquals(
        "u s s rock n roll \u2013 side", new Squad(Squad.Version.TRIVIA_QA).normalized(text));
  }

  @Test
  void anArticleBesideALetterBeyondTheFirstPlaneIsNone() {
    var squad = new Squad(Squad.Version.V2);
    assertEquals("\ud835\udd38a", squad.normalized("\ud835\udd38a a"));
    // A combining mark is no letter of Python's.
    assertEquals("\u0301 b", squad.normalized("a\u0301 b"));
  }
}
