package dev.quintet.models.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.MalformedFileException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The limits of JSON files, one by one.
class JsonRulesTest {
  private static final Path PATH = Path.of("config.json");

  @TempDir Path folder;

  @Test
  void readsValuesByKeyAndType() {
    JsonObject json = read("{\"a\": 1, \"b\": [1, 2.0], \"c\": {\"d\": null}, \"e\": \"\\u00e9\"}");
    assertEquals(1, json.integer("a").orElseThrow());
    assertEquals(2, json.integers("b").orElseThrow()[1]);
    assertTrue(json.object("c").orElseThrow().keys().isEmpty());
    assertEquals("é", json.string("e").orElseThrow());
  }

  @Test
  void nullKeepsItsPlaceInAListAndIsNoNumber() {
    JsonObject json = read("{\"a\": [1, null, 3], \"b\": [[null], null], \"c\": null}");
    assertEquals(List.of(1L, JsonText.Null.NULL, 3L), json.list("a").orElseThrow());
    assertEquals("{\"a\": [1, null, 3], \"b\": [[null], null]}", JsonText.line(json));
    var e = assertThrows(IllegalArgumentException.class, () -> json.integers("a"));
    assertTrue(e.getMessage().contains("\"a\" must be a whole number, not null"), e.getMessage());
  }

  @Test
  void refusesWhatIsNotOneObject() {
    refused("", 0);
    refused("[]", 0);
    refused("{} {}", 3);
    refused("{\"a\": 1", 7);
    refused("{\"a\": NaN}", 6);
    refused("{'a': 1}", 1);
    refused("{\"a\": 1,}", 8);
  }

  @Test
  void refusesAKeyTwiceAndSaysWhere() {
    var e = refused("{\"a\": 1, \"b\": {\"c\": 1, \"c\": 2}}", 24);
    assertTrue(e.getMessage().contains("there twice"), e.getMessage());
    assertTrue(e.getMessage().contains("config.json"), e.getMessage());
  }

  @Test
  void refusesDepthLengthAndDigitsBeyondTheLimits() throws IOException {
    read("{\"a\": " + "[".repeat(62) + "]".repeat(62) + "}");
    refusedAnywhere("{\"a\": " + "[".repeat(65) + "]".repeat(65) + "}");
    refusedAnywhere("{\"a\": " + "[".repeat(1_000_000));
    refusedAnywhere("{\"a\": " + "1".repeat(33) + "}");
    refusedAnywhere("{\"a\": 0." + "1".repeat(33) + "}");
    refusedAnywhere("{\"a\": 99999999999999999999}");
    refusedAnywhere("{\"a\": \"" + "x".repeat((1 << 24) + 1) + "\"}");
    refusedAnywhere("{\"" + "x".repeat((1 << 16) + 1) + "\": 1}");
    Path large = folder.resolve("large.json");
    try (var file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength((64L << 20) + 1);
    }
    assertThrows(MalformedFileException.class, () -> JsonObject.read(large));
  }

  @Test
  void refusesOtherEncodings() {
    byte[] utf16 = "{\"a\": 1}".getBytes(StandardCharsets.UTF_16LE);
    assertThrows(MalformedFileException.class, () -> JsonObject.read(PATH, utf16));
    byte[] marked = "\uFEFF{}".getBytes(StandardCharsets.UTF_8);
    assertThrows(MalformedFileException.class, () -> JsonObject.read(PATH, marked));
    byte[] overlong = {'{', '"', (byte) 0xC0, (byte) 0x80, '"', ':', '1', '}'};
    var e = assertThrows(MalformedFileException.class, () -> JsonObject.read(PATH, overlong));
    assertEquals(2, e.offset());
  }

  private static JsonObject read(String text) {
    return JsonObject.read(PATH, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void refusedAnywhere(String text) {
    assertThrows(MalformedFileException.class, () -> read(text));
  }

  private static MalformedFileException refused(String text, long offset) {
    var e = assertThrows(MalformedFileException.class, () -> read(text), text);
    assertTrue(Math.abs(e.offset() - offset) <= 3, text + " at " + e.offset());
    return e;
  }
}
