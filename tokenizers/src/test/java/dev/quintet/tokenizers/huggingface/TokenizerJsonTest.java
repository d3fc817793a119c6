package dev.quintet.tokenizers.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.Mutation;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.regex.OnigurumaRegex;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerJsonTest {

  /// A whole small file; tests replace parts of it.
  private static final String SMALL =
      """
      {"version": "1.0", "truncation": null, "padding": {"strategy": "BatchLongest"}, "extra": [1.5e3, true],
       "added_tokens": [{"id": 3, "content": "<x>", "special": true}],
       "normalizer": null,
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
       "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}},
         {"SpecialToken": {"id": "<x>"}}], "special_tokens": {"<x>": {"ids": [3]}}},
       "decoder": {"type": "ByteLevel"},
       "model": {"type": "BPE", "unk_token": null, "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}
      """;

  private static TokenizerJson parse(String json) {
    return TokenizerJson.parse("test.json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static MalformedFileException refused(String from, String to) {
    assertTrue(SMALL.contains(from), from);
    return assertThrows(
        MalformedFileException.class, () -> parse(SMALL.replace(from, to)), () -> to);
  }

  @Test
  void readsTheSmallFile() {
    Tokenizer tokenizer = Tokenizer.of(parse(SMALL));
    assertArrayEquals(new int[] {2, 1, 3, 3}, tokenizer.encode("abb<x>").ids());
    assertEquals(4, tokenizer.vocabularySize());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2-1500", "gpt4-3000", "identity-1000"})
  void writesTheBytesThatItRead(String name) {
    byte[] file = Golden.bytes("bytebpe-" + name + ".tokenizer.json");
    assertArrayEquals(file, TokenizerJson.parse(name, file).toBytes());
  }

  @Test
  void keepsUnknownMembersAndSpellingsWhenItWrites() {
    String compact = SMALL.replaceAll("\\s*\\n\\s*", "").replace(": ", ":").replace(", ", ",");
    assertEquals(compact, new String(parse(compact).toBytes(), StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"b\": 1 | \"a\": 1 | not in the vocabulary",
        "\"version\": \"1.0\" | \"version\": \"2.0\" | version",
        "{\"a\": 0, \"b\": 1, \"ab\": 2} | [[\"a\", 0.5]] | object of tokens",
        "\"b\": 1 | \"b\": 2 | one id for two tokens",
        "\"b\": 1 | \"b\": -1 | expected an id",
        "\"b\": 1 | \"b\": 1.5 | expected an id",
        "\"b\": 1 | \"b\": 999999999 | as many gaps",
        "\"b\": 1 | \"b\": 8 | as many gaps",
        "\"content\": \"<x>\" | \"content\": \"\\ud800\" | lone surrogates",
        "\"a b\" | \"a b c\" | one space",
        "\"a b\" | \"ab\" | one space",
        "\"a b\" | \"b a\" | not in the vocabulary",
        "\"a b\" | \"a b\", [\"a\", \"b\"] | all pairs or all strings",
        "\"a b\" | [\"a\"] | expected a string",
        "\"a b\" | [\"a\", \"b\", \"c\"] | two halves",
        "\"type\": \"BPE\" | \"type\": \"Words\" | Words is not supported",
        "\"unk_token\": null | \"continuing_subword_prefix\": \"##\" | shorter than the prefix",
        "\"normalizer\": null | \"normalizer\": {\"type\": \"Upper\"} | Upper is not supported",
        "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": true} | {\"type\": \"Scripts\"} | Scripts is not supported",
        "\"decoder\": {\"type\": \"ByteLevel\"} | \"decoder\": {\"type\": \"Words\"} | Words is not supported",
        "\"id\": \"A\" | \"id\": \"B\" | sequence A",
        "\"ids\": [3] | \"ids\": [4] | no token has the id 4",
        "\"add_prefix_space\": false | \"add_prefix_space\": 0 | true or false",
        "\"extra\": | \"version\": 1, \"extra\": | \"version\" stands twice",
        "\"extra\": [1.5e3, true] | \"extra\": [NaN] | not JSON",
        "\"merges\": [\"a b\"]}} | \"merges\": [\"a b\"]}} x | nothing may follow",
        "\"merges\": [\"a b\"]}} | \"merges\": [\"a b\"]} | not JSON"
      })
  void refusesWhatBreaksARule(String from, String to, String rule) {
    MalformedFileException refused = refused(from, to);
    assertTrue(refused.rule().contains(rule), refused.getMessage());
    assertEquals("test.json", refused.path());
    assertTrue(
        refused.place().startsWith("/")
            || refused.place().startsWith("offset")
            || refused.place().equals("the top"),
        refused.getMessage());
  }

  @Test
  void saysWhereSomethingIsWrong() {
    assertEquals("/model/merges/0", refused("\"a b\"", "\"b a\"").place());
    assertEquals("/model/vocab/b", refused("\"b\": 1", "\"b\": \"1\"").place());
    assertEquals(
        "/normalizer",
        refused("\"normalizer\": null", "\"normalizer\": {\"type\": \"X\"}").place());
    assertEquals("/post_processor/special_tokens/<x>/ids/0", refused("[3]", "[9]").place());
  }

  @Test
  void refusesDeepNestingAndBrokenUtf8() {
    assertTrue(
        assertThrows(MalformedFileException.class, () -> parse("[".repeat(100_000)))
            .rule()
            .contains("expected an object"));
    assertTrue(refused("[1.5e3, true]", "[".repeat(100_000)).rule().contains("not JSON"));
    byte[] broken = SMALL.getBytes(StandardCharsets.UTF_8);
    broken[20] = (byte) 0xC0;
    assertEquals(
        "offset 20",
        assertThrows(MalformedFileException.class, () -> TokenizerJson.parse("x", broken)).place());
  }

  @Test
  void readsAPlusAfterAnIntervalAsTheReferenceDoes() throws Exception {
    assertEquals("\\p{N}+|a*", OnigurumaRegex.toJdk("\\p{N}{1,3}+|a{0,}+"));
    assertEquals("[{1,2}+]\\{1,2}+", OnigurumaRegex.toJdk("[{1,2}+]\\{1,2}+"));
    assertEquals("(?:a{2,3})+", OnigurumaRegex.toJdk("a{2,3}+"));
  }

  @Test
  void savesAFolderThatLoadsAgain(@TempDir Path folder) throws Exception {
    Tokenizer tokenizer = Tokenizer.of(parse(SMALL));
    tokenizer.save(folder.resolve("new/one"));
    tokenizer.save(folder.resolve("new/one"));
    Tokenizer again = Tokenizer.load(folder.resolve("new/one"));
    assertEquals(tokenizer.encode("abab a<x>"), again.encode("abab a<x>"));
    again.save(folder.resolve("two"));
    for (String file : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
      assertEquals(
          -1L,
          Files.mismatch(
              folder.resolve("new/one").resolve(file), folder.resolve("two").resolve(file)));
    }
    try (var files = Files.list(folder.resolve("two"))) {
      assertEquals(2, files.count());
    }
    assertThrows(UncheckedIOException.class, () -> Tokenizer.load(folder.resolve("missing")));
    assertThrows(UncheckedIOException.class, () -> Tokenizer.load(folder));
  }

  @Test
  void takesTheNamesOfSpecialTokensFromTheConfiguration(@TempDir Path folder) throws Exception {
    Tokenizer.of(parse(SMALL)).save(folder);
    assertTrue(Tokenizer.load(folder).eosId().isEmpty());
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"eos_token\": {\"content\": \"<x>\", \"lstrip\": false}, \"pad_token\": \"a\", \"unk_token\": null}");
    Tokenizer named = Tokenizer.load(folder);
    assertEquals(3, named.eosId().getAsInt());
    assertEquals(0, named.padId().getAsInt());
    assertTrue(named.unknownId().isEmpty());
  }

  /// Mutated files are read or refused, with nothing but the declared exception; a tokenizer that
  /// was read encodes and decodes.
  @Test
  void survivesMutatedFiles() {
    long seed = Long.getLong("seed", 42);
    int runs = Integer.getInteger("fuzz.runs", 3000);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] small = SMALL.getBytes(StandardCharsets.UTF_8);
    byte[] split =
        SMALL
            .replace(
                "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": true}",
                "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\", \"pattern\": {\"Regex\":"
                    + " \"\\\\s+|[a-c]{1,2}+\"}, \"behavior\": \"Removed\", \"invert\": true}, {\"type\":"
                    + " \"ByteLevel\"}]}")
            .getBytes(StandardCharsets.UTF_8);
    int read = 0;
    for (int n = 0; n < runs; n++) {
      byte[] mutated = Mutation.of(n % 2 == 0 ? small : split, random);
      try {
        Tokenizer tokenizer = Tokenizer.of(TokenizerJson.parse("mutated", mutated));
        int[] ids = tokenizer.encode("ab <x> é abab").ids();
        assertTrue(tokenizer.decode(ids).length() < 1000);
        read++;
      } catch (MalformedFileException refused) {
        assertTrue(refused.getMessage().length() < 2000);
      }
    }
    assertTrue(read > runs / 100, "some mutations are harmless: " + read);
  }
}
