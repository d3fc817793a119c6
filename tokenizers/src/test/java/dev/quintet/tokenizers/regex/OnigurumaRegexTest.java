package dev.quintet.tokenizers.regex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.pretokenize.MatchSplitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Regular expressions against the pieces that version 0.23.2 of Hugging Face's library gave.
class OnigurumaRegexTest {

  private static final String LETTER = "\uD800\uDC00";

  private static String jdk(String regex) {
    try {
      return OnigurumaRegex.toJdk(regex);
    } catch (UnsupportedRegexException refused) {
      throw new IllegalArgumentException(refused.getMessage(), refused);
    }
  }

  private static List<String> pieces(String regex, String text) {
    List<String> pieces = new ArrayList<>();
    MatchSplitter.regex(jdk(regex), MatchSplitter.Use.ALONE, false)
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
      MatchSplitter.regex(jdk("\\b"), MatchSplitter.Use.ALONE, false);

  private static List<String> pieces(String text) {
    List<String> pieces = new ArrayList<>();
    EDGES.split(text, 0, text.length(), (from, to) -> pieces.add(text.substring(from, to)));
    return pieces;
  }

  @ParameterizedTest
  @CsvSource({
    "[\\w]+, a½_b, a|½|_b",
    "\\w+, a½_b c, a½_b|' '|c",
    "\\p{Hex_Digit}+, aF9١g, aF9|١g",
    "\\p{Punct}+, a.$b, a|.|$b",
    "[[:punct:]]+, a.$b, a|.$|b",
    "\\p{In_Basic_Latin}+, ab日c, ab|日|c",
    "\\p{InGreek_and_Coptic}+, abγ, ab|γ",
    "\\p{Regional_Indicator}+, a🇩🇪b, a|🇩🇪|b",
    "a{2}?b, baaab, b|a|aab",
    "(?:a|b){2}+, xabababay, x|ababab|ay",
    "a{2}{2}, xaaaaay, x|aaaa|ay",
    "(?i)[a-z]+, aİıB, a|İı|B",
    "(?i)i, ıiIİ, ı|i|I|İ",
    "(?i)\\p{Lu}, aBc, a|B|c",
    "(?i)strasse, xSTRAßEx, x|STRAßE|x",
    "(?i)ß, SSs, SS|s",
    "(?x) a b # c, xab, x|ab",
    "(?<first_one>a)\\k<first_one>, baa, b|aa",
    "(?#comment)a, ba, b|a",
    "\\141\\x62, abc, ab|c",
    "\\x{1F600}+, a😀😀b, a|😀😀|b",
    "\\V, aVb, a|V|b",
    "\\Qa\\E, xQaE, x|QaE",
    "x(?i)a|b, xBA, xB|A"
  })
  void readsWhatOnigurumaReads(String regex, String text, String pieces) {
    assertEquals(List.of(pieces.replace("'", "").split("\\|")), pieces(regex, text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\s*[\\r\\n]+", "\\s+$", "\\s+x"})
  void searchesLongWhiteSpaceInTimeThatGrowsWithItsLength(String regex) {
    // The square of the length would take a minute and more.
    String text = " ".repeat(200_000) + "a";
    assertTimeout(Duration.ofSeconds(20), () -> assertEquals(List.of(text), pieces(regex, text)));
    assertEquals(List.of("a", " \n", "\tb"), pieces("\\s*[\\r\\n]+", "a \n\tb"));
  }

  @Test
  void keepsTogetherWhatJoinsANoncharacter() {
    assertEquals(
        List.of("x", "\uFFFE", "y", "\uFFFE\u0301"), pieces("\\X", "x\uFFFEy\uFFFE\u0301"));
  }

  @ParameterizedTest
  @CsvSource({
    "a\\p{Math}, \\p{Math} at character 1",
    "\\p{Foo}, \\p{Foo} at character 0",
    "\\p{Age=6.0}, \\p{Age=6.0} at character 0",
    "\\p{IsLatin}, \\p{IsLatin} at character 0",
    "\\p{script=Latin}, \\p{script=Latin} at character 0",
    "\\p{L1}, \\p{L1} at character 0",
    "a\\Kb, \\K at character 1",
    "(?~ab), (?~ at character 0",
    "(?W)\\w, (?W at character 0",
    "a|*b, * at character 2",
    "\\8, \\8 at character 0",
    "a), ) at character 1",
    "(?i)[\\p{Lu}], \\p{Lu} in brackets under (?i) at character 5"
  })
  void refusesByNameAndPlaceWhatTheJdkCannotSay(String regex, String message) {
    var refused = assertThrows(UnsupportedRegexException.class, () -> OnigurumaRegex.toJdk(regex));
    assertTrue(refused.getMessage().startsWith(message), refused.getMessage());
  }
}
