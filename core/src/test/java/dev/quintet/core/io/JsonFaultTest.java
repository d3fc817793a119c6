package dev.quintet.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

class JsonFaultTest {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(4).maxStringLength(9).build())
          .build();

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
        "\"0123456789\"",
        "[[[[[1]]]]]",
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
    var e = assertThrows(JacksonException.class, () -> read(text));
    String plain = JsonFault.plain(String.valueOf(e.getOriginalMessage()));
    assertFalse(
        plain.isBlank()
            || plain.matches("(?s).*(Feature|Stream|enable|\\bcode\\b|Source|token '|`).*"),
        plain);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[1,", "\"abc", "{\"a\":"})
  void aTextThatIsNotWholeIsToldApart(String text) {
    var e = assertThrows(JacksonException.class, () -> read(text));
    assertEquals(JsonFault.TOO_EARLY, JsonFault.plain(String.valueOf(e.getOriginalMessage())));
  }

  private static void read(String text) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        switch (token) {
          case VALUE_STRING -> parser.getString();
          case VALUE_NUMBER_INT -> parser.getLongValue();
          default -> {}
        }
      }
    }
  }
}
