package dev.quintet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.tokenizer.Tokenizer;
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
