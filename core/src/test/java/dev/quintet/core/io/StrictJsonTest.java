package dev.quintet.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.StrictJson.Kind;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
  private static final Path PATH = Path.of("x.json");

  @Test
  void readsValuesInOrderAndKnowsTheirPlaces() {
    try (StrictJson json = open("{\"a\": [1, 2.5, \"x\"], \"b\": {\"c\": null}, \"d\": true}")) {
      assertEquals(Kind.OBJECT, json.next());
      assertTrue(json.nextKey());
      assertEquals("a", json.key());
      assertEquals(1, json.place());
      assertEquals(Kind.ARRAY, json.next());
      assertEquals(Kind.WHOLE, json.next());
      assertEquals(1, json.whole());
      assertEquals(Kind.FRACTION, json.next());
      assertEquals(2.5, json.number());
      assertEquals(Kind.STRING, json.next());
      assertEquals("x", json.text());
      assertEquals(Kind.END, json.next());
      assertTrue(json.nextKey());
      assertEquals(Kind.OBJECT, json.next());
      assertEquals("b", json.key());
      json.skip();
      assertTrue(json.nextKey());
      assertEquals(Kind.TRUE, json.next());
      assertFalse(json.nextKey());
      assertEquals(Kind.END, json.next());
    }
  }

  @Test
  void namesTheFileThePlaceAndTheRule() {
    var e = assertThrows(MalformedFileException.class, () -> drain("[1, 2,, 3]"));
    assertTrue(Math.abs(e.offset() - 6) <= 1, e.getMessage());
    assertTrue(e.rule().startsWith("not JSON: "), e.rule());
    e = assertThrows(MalformedFileException.class, () -> drain("[9223372036854775808]"));
    assertEquals("not JSON: the number 9223372036854775808 is too large", e.rule());
    e = assertThrows(MalformedFileException.class, () -> drain("[1e999]"));
    assertEquals("not JSON: the number 1e999 is too large", e.rule());
  }

  @Test
  void whatWasWrittenIsReadAgain() {
    String odd = "\"\\/\b\f\n\r\t\u0001\u007f\u0085\u2028é\uD83D\uDE00\uD800x\uDC00";
    var map = new LinkedHashMap<String, Object>();
    map.put("z", List.of(odd, Long.MIN_VALUE, 1e-300, 0.1f, Double.NaN, List.of()));
    map.put("\u2028\u0001", false);
    String text = JsonText.of(map);
    assertTrue(text.startsWith("{\n  \"z\": [\n    \"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001"), text);
    assertEquals(map.size() + 9, text.lines().count(), text);
    try (StrictJson json = open(text)) {
      json.next();
      assertTrue(json.nextKey());
      json.next();
      json.next();
      assertEquals(odd, json.text());
      json.next();
      assertEquals(Long.MIN_VALUE, json.whole());
      json.next();
      assertEquals(1e-300, json.number());
      json.next();
      assertEquals("0.1", json.text());
      assertEquals(Kind.STRING, json.next());
      assertEquals("NaN", json.text());
      assertEquals(Kind.ARRAY, json.next());
      assertEquals(Kind.END, json.next());
      assertEquals(Kind.END, json.next());
      assertTrue(json.nextKey());
      assertEquals("\u2028\u0001", json.key());
    }
    assertThrows(IllegalArgumentException.class, () -> JsonText.of(List.of(new int[0])));
  }

  @Test
  void depthIsLimited() {
    var e = assertThrows(MalformedFileException.class, () -> drain("[".repeat(65)));
    assertTrue(e.rule().endsWith("is over the limit of 64"), e.rule());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[1,",
        "\"abc",
        "{\"a\":1,\"a\":2}",
        "NaN",
        "-Infinity",
        "xyz",
        "{'a':1}",
        "{a:1}",
        "[01]",
        "[1.]",
        "[+1]",
        "[.5]",
        "[0.1234567890123456789012345678901234]",
        "// c",
        "/* c */ 1",
        "[1,]",
        "{\"a\" 1}",
        "\"a\nb\"",
        "\"\\x\"",
        "\"\\u12\"",
        "]",
        "{\"a\":}",
        "[1 2]",
        "[-]",
        "[1e]",
        "[99999999999999999999]"
      })
  void noMessageHoldsTheParsersInnerWords(String text) {
    String plain = assertThrows(MalformedFileException.class, () -> drain(text)).rule();
    assertFalse(
        plain.isBlank()
            || plain.matches("(?s).*(Feature|Stream|enable|\\bcode\\b|Source|token '|`).*"),
        plain);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[1,", "\"abc", "{\"a\":"})
  void aTextThatIsNotWholeIsToldApart(String text) {
    var e = assertThrows(MalformedFileException.class, () -> drain(text));
    assertEquals(StrictJson.UNFINISHED, e.rule());
  }

  private static void drain(String text) {
    try (StrictJson json = open(text)) {
      drain(json, json.next());
      assertEquals(Kind.END, json.next());
    }
  }

  private static void drain(StrictJson json, Kind kind) {
    switch (kind) {
      case WHOLE -> json.whole();
      case FRACTION -> json.number();
      case STRING -> json.text();
      case ARRAY -> {
        for (Kind item = json.next(); item != Kind.END; item = json.next()) {
          drain(json, item);
        }
      }
      case OBJECT -> {
        while (json.nextKey()) {
          drain(json, json.next());
        }
      }
      case TRUE, FALSE, NULL, END -> {}
    }
  }

  private static StrictJson open(String text) {
    return StrictJson.of(
        MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)),
        StrictJson.Limits.FILE,
        (place, rule) -> new MalformedFileException(PATH, place, rule));
  }
}
