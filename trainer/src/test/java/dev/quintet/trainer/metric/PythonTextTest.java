package dev.quintet.trainer.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PythonTextTest {

  @Test
  void splitsAtPythonsWhiteSpaceAndNoOther() {
    assertEquals(
        List.of("a", "b", "c", "d\u200be", "\ufefff"),
        PythonText.split("\u3000a\u00a0b\u0085c\u001fd\u200be \ufefff\n"));
    assertEquals(List.of(), PythonText.split(" \u2007\u202f"));
    // len([c for c in range(0x110000) if chr(c).isspace()])
    assertEquals(29, IntStream.range(0, 0x110000).filter(PythonText::isSpace).count());
  }

  @Test
  void stripsBothEndsOrTheLast() {
    assertEquals("a b", PythonText.strip("\u00a0a b\u2028"));
    assertEquals(" a", PythonText.stripEnd(" a\u0085\u001c"));
    assertEquals("", PythonText.strip(" \t"));
  }

  @Test
  void countsNumbersAsWordsButNoCombiningMark() {
    assertTrue("a_9\u00e9\u00bd\u2160\u4e00".codePoints().allMatch(PythonText::isWord));
    assertTrue("\u0301-\u20ac ".codePoints().noneMatch(PythonText::isWord));
    var pattern = Pattern.compile(PythonText.WORD);
    IntStream.range(0, 0x30000)
        .filter(point ->
            pattern.matcher(Character.toString(point)).matches() != PythonText.isWord(point))
        .forEach(point -> assertEquals("", Integer.toHexString(point)));
  }

  @Test
  void knowsThe32SignsOfAscii() {
    assertEquals(
        PythonText.PUNCTUATION,
        IntStream.range(0, 0x110000)
            .filter(PythonText::isPunctuation)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString());
  }

  @Test
  void roundsAHalfToTheEvenDigitOfTheExactValue() {
    assertEquals("0.2", PythonText.fixed(0.25, 1));
    assertEquals("0.8", PythonText.fixed(0.75, 1));
    assertEquals("2.67", PythonText.fixed(2.675, 2));
    assertEquals("2", PythonText.fixed(2.5, 0));
    assertEquals("-0.0", PythonText.fixed(-0.04, 1));
    assertEquals("nan", PythonText.fixed(Double.NaN, 1));
    assertEquals("-inf", PythonText.fixed(Double.NEGATIVE_INFINITY, 1));
  }

  @Test
  void ordersByCodePointAndNotByUtf16Unit() {
    assertEquals(
        List.of("", "a", "ab", "a\uff5e", "a\ud83d\ude00", "b"),
        Stream.of("b", "a\ud83d\ude00", "a\uff5e", "ab", "a", "")
            .sorted(PythonText.ORDER)
            .toList());
  }

  @Test
  void aSigmaAtTheEndOfAWordHasItsFinalFormWhateverElseTheWordHolds() {
    assertEquals(
        "\u03B11\u03C3 \u03B1\u03C2 \u03B1'\u03C2.",
        PythonText.lower("\u0391\u0031\u03A3 \u0391\u03A3 \u0391'\u03A3."));
    assertEquals(
        "\u03C3 \u03B1\u03C3\u0301\u03B1 i\u0307",
        PythonText.lower("\u03A3 \u0391\u03A3\u0301\u0391 \u0130"));
  }
}
