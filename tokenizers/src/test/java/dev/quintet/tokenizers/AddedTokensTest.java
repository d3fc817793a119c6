package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.huggingface.TokenizerJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What added tokens and odd vocabularies give; all numbers are those of Hugging Face's tokenizers 0.23.2.
class AddedTokensTest {

  private static final String WORDS =
      "{\"type\": \"WordLevel\", \"vocab\": {\"a\": 0, \"b\": 1}, \"unk_token\": \"a\"}";

  private static Tokenizer tokenizer(String added, String model) {
    return tokenizer(added, "null", "{\"type\": \"Whitespace\"}", "null", model);
  }

  private static Tokenizer tokenizer(
      String added, String normalizer, String preTokenizer, String post, String model) {
    String json =
        "{\"version\": \"1.0\", \"added_tokens\": [%s], \"normalizer\": %s, \"pre_tokenizer\": %s,"
                .formatted(added, normalizer, preTokenizer)
            + " \"post_processor\": %s, \"decoder\": null, \"model\": %s}".formatted(post, model);
    return Tokenizer.of(TokenizerJson.parse("test", json.getBytes(StandardCharsets.UTF_8)));
  }

  private static String token(int id, String content, String... flags) {
    StringBuilder out =
        new StringBuilder("{\"id\": %d, \"content\": \"%s\"".formatted(id, content));
    boolean normalized = false;
    for (String flag : flags) {
      out.append(", \"").append(flag).append("\": true");
      normalized |= flag.equals("normalized");
    }
    return out.append(normalized ? "}" : ", \"normalized\": false}").toString();
  }

  private static int[] places(Encoding encoding) {
    int[] places = new int[2 * encoding.size()];
    for (int i = 0; i < encoding.size(); i++) {
      places[2 * i] = encoding.start(i);
      places[2 * i + 1] = encoding.end(i);
    }
    return places;
  }

  @Test
  void findsATokenInTheWhiteSpaceThatTheOneBeforeItTook() {
    Tokenizer tokenizer = tokenizer(token(2, "<r>", "rstrip") + "," + token(3, "\\n"), WORDS);
    Encoding encoding = tokenizer.encode("<r>\n\n b");
    assertArrayEquals(new int[] {2, 3, 3, 1}, encoding.ids());
    assertArrayEquals(new int[] {0, 6, 3, 4, 4, 5, 6, 7}, places(encoding));
  }

  @Test
  void walksOnceThroughWhiteSpaceThatManyTokensTake() {
    // The square of the length would take a minute.
    Tokenizer tokenizer = tokenizer(token(2, "\\n", "rstrip"), WORDS);
    Encoding encoding =
        assertTimeout(Duration.ofSeconds(20), () -> tokenizer.encode("\n".repeat(500_000)));
    assertEquals(500_000, encoding.size());
    assertEquals(500_000, encoding.end(0));
    assertEquals(499_999, encoding.start(499_999));
  }

  @Test
  void dropsATokenThatWantsTheWhiteSpaceThatIsTakenAlready() {
    Tokenizer tokenizer = tokenizer(token(2, "\\n", "lstrip", "rstrip", "single_word"), WORDS);
    Encoding encoding = tokenizer.encode("\n\n");
    assertArrayEquals(new int[] {2}, encoding.ids());
    assertArrayEquals(new int[] {0, 2}, places(encoding));
  }

  @Test
  void cutsBetweenAllCharactersWhereNormalizingLeavesNothingOfAToken() {
    String model =
        "{\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2, \" \": 3}, \"merges\":"
            + " [\"a b\"]}";
    Tokenizer tokenizer =
        tokenizer(token(4, "\\n", "normalized"), "{\"type\": \"Strip\"}", "null", "null", model);
    assertArrayEquals(new int[] {0, 1, 3, 0, 1}, tokenizer.encode("ab ab").ids());
  }

  @Test
  void numbersTokensFromTheSizeOfTheVocabularyOnEvenWhereItHasGaps() {
    String model =
        "{\"type\": \"WordLevel\", \"vocab\": {\"a\": 0, \"b\": 5, \"<x>\": 9}, \"unk_token\":"
            + " \"a\"}";
    Tokenizer tokenizer = tokenizer(token(9, "<x>") + "," + token(10, "<y>"), model);
    assertArrayEquals(new int[] {9, 3, 0, 5}, tokenizer.encode("<x> <y> a b").ids());
    assertEquals("<y>", tokenizer.token(3));
    Tokenizer asked =
        tokenizer(token(7, "<x>") + "," + token(2, "") + "," + token(1, "<y>"), WORDS);
    assertArrayEquals(new int[] {2, 3, 0, 1}, asked.encode("<x><y> a b").ids());
    assertEquals(4, asked.vocabularySize());
  }

  @Test
  void letsTheLastOfTwoDescriptionsOfATokenCount() {
    Tokenizer tokenizer =
        tokenizer(token(2, "<x>") + "," + token(3, "<x>", "special", "lstrip"), WORDS);
    Encoding encoding = tokenizer.encode("a <x> b");
    assertArrayEquals(new int[] {0, 2, 1}, encoding.ids());
    assertArrayEquals(new int[] {0, 1, 1, 5, 6, 7}, places(encoding));
    assertEquals("a b", tokenizer.decode(encoding.ids(), true));
  }

  @Test
  void trimsPlacesByTheTokensTextAsTheModelSawIt() {
    String byteLevel =
        "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true,"
            + " \"use_regex\": true}";
    String model =
        "{\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"<unk>\", 0.0], [\"b\", -3.5]]}";
    Tokenizer tokenizer = tokenizer("", "null", byteLevel, byteLevel, model);
    assertArrayEquals(new int[] {0, 1, 1, 2}, places(tokenizer.encode("\tb")));
    Tokenizer marked =
        tokenizer(
            token(2, "▁", "normalized", "lstrip"),
            "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"▁\"}",
            "null",
            byteLevel,
            model);
    assertArrayEquals(new int[] {0, 1, 1, 2, 2, 3}, places(marked.encode("  b")));
  }

  @Test
  void takesTheLastOfAPieceThatStandsTwice() {
    String model =
        "{\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"<unk>\", 0], [\"a\", -1], [\"b\", -2],"
            + " [\"a\", -3], [\"ab\", -9], [\"ab\", -1.0]]}";
    Tokenizer tokenizer = tokenizer("", model);
    assertArrayEquals(new int[] {3, 5, 2}, tokenizer.encode("a ab b").ids());
    assertEquals("a a ab", tokenizer.decode(new int[] {1, 3, 4}));
    assertEquals(6, tokenizer.vocabularySize());
    Tokenizer words =
        tokenizer(
            "",
            "{\"type\": \"WordLevel\", \"vocab\": {\"a\":0,\"b\":1,\"a\":2}, \"unk_token\": \"b\"}");
    assertArrayEquals(new int[] {2, 1}, words.encode("a b").ids());
    assertEquals("b", words.decode(new int[] {0, 1}));
  }

  @Test
  void missesTheUnknownTokenOnlyWhenItIsNeeded() {
    for (String model :
        new String[] {
          "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [], \"unk_token\": \"<unk>\"}",
          "{\"type\": \"WordPiece\", \"vocab\": {\"a\": 0}, \"unk_token\": \"<unk>\"}",
          "{\"type\": \"WordLevel\", \"vocab\": {\"a\": 0}, \"unk_token\": \"<unk>\"}"
        }) {
      Tokenizer tokenizer = tokenizer("", model);
      assertArrayEquals(new int[] {0}, tokenizer.encode("a").ids());
      String message =
          assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("z")).getMessage();
      assertTrue(message.contains("<unk>") && message.contains("\"z\""), message);
    }
  }

  @Test
  void fallsBackToBytesStretchByStretch() {
    String model =
        "{\"type\": \"Unigram\", \"unk_id\": 0, \"byte_fallback\": true, \"vocab\": [[\"<unk>\", 0],"
            + " [\"b\", -2], [\"<0x61>\", -3], [\"<0x63>\", -3]]}";
    Tokenizer tokenizer = tokenizer("", "null", "{\"type\": \"WhitespaceSplit\"}", "null", model);
    assertArrayEquals(new int[] {2, 3, 1, 0, 0}, tokenizer.encode("acb azc <unk>").ids());
  }

  @Test
  void placesTheBytesOfAnAffixAtTheEndOfTheWord() {
    StringBuilder vocab = new StringBuilder("\"<unk>\": 256");
    for (int b = 0; b < 256; b++) {
      vocab.append(", \"<0x%02X>\": %d".formatted(b, b));
    }
    for (String fused : new String[] {"true", "false"}) {
      String model =
          "{\"type\": \"BPE\", \"unk_token\": \"<unk>\", \"fuse_unk\": %s, \"byte_fallback\": true,"
                  .formatted(fused)
              + " \"continuing_subword_prefix\": \"##\", \"end_of_word_suffix\": \"é\", \"vocab\":"
              + " {%s}, \"merges\": []}".formatted(vocab);
      Encoding encoding = tokenizer("", model).encode("ab 日");
      assertArrayEquals(
          new int[] {'a', '#', '#', 'b', 0xC3, 0xA9, 0xE6, 0x97, 0xA5, 0xC3, 0xA9}, encoding.ids());
      assertArrayEquals(
          new int[] {0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 3, 4, 3, 4, 4, 4, 4, 4},
          places(encoding));
    }
  }
}
