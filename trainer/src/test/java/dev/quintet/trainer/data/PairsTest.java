package dev.quintet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PairsTest {
  @TempDir Path folder;

  @Test
  void readsTheFieldsAskedForAndPassesOverTheRest() throws IOException {
    Path file =
        write(
            """
            {"id": 3, "q": "a\\n\\u00e9", "extra": {"q": [1, {}]}, "a": "b"}

            {"a": "", "q": "c"}
            """);
    assertEquals(
        List.of(new TextPair("a\né", "b"), new TextPair("c", "")),
        Pairs.jsonl(file, "q", "a").list());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"q\": \"x\"}",
        "{\"q\": \"x\", \"a\": 3}",
        "{\"q\": \"x\", \"a\": null}",
        "{\"q\": \"x\", \"a\": \"y\", \"q\": \"z\"}",
        "{\"q\": \"x\", \"a\": \"y\"} {}",
        "{\"q\": \"x\", \"a\": \"y\"",
        "[\"x\", \"y\"]",
        "x"
      })
  void refusesABadLineAndNamesIt(String line) throws IOException {
    Path file = write("{\"q\": \"x\", \"a\": \"y\"}\n" + line + "\n");
    var e = assertThrows(MalformedDataException.class, () -> Pairs.jsonl(file, "q", "a"));
    assertTrue(e.getMessage().contains("line 2"), e.getMessage());
  }

  @Test
  void aByteOrderMarkAndCarriageReturnsAreNoText() throws IOException {
    Path file = write("\uFEFF{\"q\": \"x\", \"a\": \"y\"}\r\n\r\n{\"q\": \"\", \"a\": \"\"}");
    assertEquals(
        List.of(new TextPair("x", "y"), new TextPair("", "")), Pairs.jsonl(file, "q", "a").list());
    assertEquals(0, Pairs.jsonl(write("\uFEFF"), "q", "a").size());
    assertEquals(0, Pairs.jsonl(write(""), "q", "a").size());
    assertEquals(0, Pairs.jsonl(write("\n"), "q", "a").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{~  \"q\": \"x\",~  \"a\": \"y\"~} | line 1: the JSON does not end in its line",
        "[{\"q\": \"x\", \"a\": \"y\"},~{}] | line 1: expected a JSON object on each line, got an array",
        "[~ 1 | line 1: expected a JSON object on each line, got an array",
        "{\"q\": \"x\", \"a\": \"y | line 1: the JSON does not end in its line",
        "~~{\"q\": \"x\", \"a\": 3} | line 3: field \"a\" is a number; expected a string",
        "{\"q\": null} | is null; expected a string",
        "{\"Q\": \"x\", \"b\": []} | no field \"q\"; its fields are [Q, b]",
        "{\"q\": NaN} | 'NaN' is no number of JSON",
        "{\"q\": \"x\", \"q\": \"y\"} | the key \"q\" is there twice",
        "// c | Unexpected character ('/')"
      })
  void saysWhatIsWrongInAUsersWords(String lines, String message) throws IOException {
    Path file = write(lines.replace('~', '\n') + "\n");
    var e = assertThrows(MalformedDataException.class, () -> Pairs.jsonl(file, "q", "a"));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertFalse(
        e.getMessage().matches(".*(Feature|Stream|enable|\\bcode\\b|Source).*"), e.getMessage());
  }

  @Test
  void aHugeLineIsReadLikeAnyOther() throws IOException {
    String text = "red ".repeat(5 << 20);
    Path file = write("{\"q\": \"" + text + "\", \"a\": \"y\"}\n");
    assertEquals(text, Pairs.jsonl(file, "q", "a").list().getFirst().source());
  }

  @Test
  void aByteThatIsNoTextIsNamedWithItsLine() throws IOException {
    Path file = folder.resolve("mixed.jsonl");
    Files.write(
        file, "{\"q\": \"x\", \"a\": \"y\"}\n{\"q\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1));
    var e = assertThrows(MalformedDataException.class, () -> Pairs.jsonl(file, "q", "a"));
    assertTrue(e.getMessage().contains("line 2: byte 8 (e9) is not UTF-8"), e.getMessage());
    Files.write(file, "{}".getBytes(StandardCharsets.UTF_16));
    e = assertThrows(MalformedDataException.class, () -> Pairs.jsonl(file, "q", "a"));
    assertTrue(e.getMessage().contains("looks like UTF-16"), e.getMessage());
  }

  @Test
  void refusesBytesThatAreNoText() throws IOException {
    Path file = folder.resolve("latin.jsonl");
    Files.write(file, "{\"q\": \"é\", \"a\": \"\"}".getBytes(StandardCharsets.ISO_8859_1));
    assertThrows(MalformedDataException.class, () -> Pairs.jsonl(file, "q", "a"));
    assertThrows(UncheckedIOException.class, () -> Pairs.jsonl(folder.resolve("none"), "q", "a"));
  }

  @Test
  void partsHoldEveryPairOnceAndDependOnTheSeedAlone() {
    Pairs pairs = TinyText.pairs(1000, 4);
    Pairs.Splits splits = pairs.split(0.8, 0.1, 0.1, 5);
    assertEquals(800, splits.train().size());
    assertEquals(100, splits.validation().size());
    assertEquals(100, splits.test().size());
    assertEquals(splits.train().list(), pairs.split(0.8, 0.1, 0.1, 5).train().list());
    var all = new HashSet<>(splits.train().list());
    all.addAll(splits.validation().list());
    all.addAll(splits.test().list());
    assertEquals(new HashSet<>(pairs.list()), all);
    assertThrows(IllegalArgumentException.class, () -> pairs.split(0.8, 0.3, 0.1));
    assertThrows(IllegalArgumentException.class, () -> pairs.split(0, 0.9, 0.1));
  }

  @Test
  void whatIsTooLongKeepsItsEnd() {
    Tokenizer tokenizer = TinyText.tokenizer();
    int eos = tokenizer.eosId().orElseThrow();
    assertArrayEquals(new int[] {5, eos}, Pairs.cut(new int[] {5, 6, 7, eos}, 2, tokenizer));
    assertArrayEquals(new int[] {5, 6}, Pairs.cut(new int[] {5, 6, 7, 8}, 2, tokenizer));
    Pairs pairs = Pairs.of(List.of(new TextPair("red green blue one two three", "left right")));
    Example example = pairs.encode(tokenizer, 4, 2, 2).getFirst();
    assertEquals(4, example.source().length);
    assertEquals(eos, example.source()[3]);
    assertEquals(eos, example.target()[1]);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("pairs.jsonl"), text);
  }
}
