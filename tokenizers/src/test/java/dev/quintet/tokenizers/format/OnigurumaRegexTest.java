package dev.quintet.tokenizers.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.pretokenize.MatchSplitter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Regular expressions against the pieces that version 0.23.2 of Hugging Face's library gave.
class OnigurumaRegexTest {

  private static final String LETTER = "\uD800\uDC00";

  private static List<String> pieces(String regex, String text) {
    List<String> pieces = new ArrayList<>();
    MatchSplitter.regex(OnigurumaRegex.toJdk(regex).orElseThrow(), MatchSplitter.Use.ALONE, false)
        .split(text, 0, text.length(), (start, end) -> pieces.add(text.substring(start, end)));
    return pieces;
  }

  @Test
  void looksBehindBySupplementaryCharacters() {
    assertEquals(List.of(LETTER, "x", " a 😀x"), pieces("(?<=\\p{L})x", LETTER + "x a 😀x"));
    assertEquals(List.of(LETTER + "x😀", "x"), pieces("(?<!\\p{L})x", LETTER + "x😀x"));
    assertEquals(List.of("x" + LETTER + "y", " 😀", "a"), pieces("\\b", "x" + LETTER + "y 😀a"));
  }

  @ParameterizedTest
  @CsvSource({
    "\\p{Alphabetic}+, a😀\u0345b1, a|😀|\u0345b|1",
    "\\p{Emoji}+, a😀1b, a|😀1|b",
    "\\p{^Emoji}+, a😀b, a|😀|b",
    "[[:word:]]+, a_1-b, a_1|-|b",
    "\\p{uppercase letter}, aBc, a|B|c"
  })
  void knowsTheNamesOfProperties(String regex, String text, String pieces) {
    assertEquals(List.of(pieces.split("\\|")), pieces(regex, text));
  }

  @Test
  void seesNoEdgeOfAWordInsideOneOfAnyLetters() {
    for (int c = 0x10000; c < 0x32000; c++) {
      if (Character.isLetter(c)) {
        String text = "x" + Character.toString(c) + "y";
        assertEquals(List.of(text), pieces(text), () -> text);
      }
    }
  }

  private static final MatchSplitter EDGES =
      MatchSplitter.regex(
          OnigurumaRegex.toJdk("\\b").orElseThrow(), MatchSplitter.Use.ALONE, false);

  private static List<String> pieces(String text) {
    List<String> pieces = new ArrayList<>();
    EDGES.split(text, 0, text.length(), (from, to) -> pieces.add(text.substring(from, to)));
    return pieces;
  }

  @Test
  void refusesNamesThatThereAreNot() {
    for (String name : List.of("Foo", "Age=6.0", "IsLatin", "script=Latin", "L1")) {
      assertTrue(OnigurumaRegex.toJdk("\\p{" + name + "}").isEmpty(), name);
    }
  }
}
