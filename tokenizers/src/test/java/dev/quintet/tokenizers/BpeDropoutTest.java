package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.huggingface.TokenizerJson;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Merges that are left out at random.
class BpeDropoutTest {

  private static final int DRAWS = 40_000;

  private static Tokenizer small(String merges) {
    String json =
        """
        {"version": "1.0", "added_tokens": [],
         "model": {"type": "BPE", "dropout": 0.9, "ignore_merges": true, "vocab": {"a": 0, "b": 1, "c": 2, "d": 3,
           "ab": 4, "bc": 5, "cd": 6, "abc": 7}, "merges": [MERGES]}}
        """
            .replace("MERGES", merges);
    return Tokenizer.of(TokenizerJson.parse("small", json.getBytes(StandardCharsets.UTF_8)));
  }

  private static Tokenizer golden() {
    byte[] file = Golden.bytes("bytebpe-gpt4-3000.tokenizer.json");
    return Tokenizer.of(TokenizerJson.parse("gpt4-3000", file));
  }

  private static String joined(Tokenizer tokenizer, Encoding encoding) {
    StringBuilder out = new StringBuilder();
    for (int id : encoding.ids()) {
      out.append(out.isEmpty() ? "" : " ").append(tokenizer.token(id));
    }
    return out.toString();
  }

  private static void draws(Tokenizer tokenizer, String text, Map<String, Double> probabilities) {
    SplittableRandom random = new SplittableRandom(7);
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < DRAWS; i++) {
      counts.merge(joined(tokenizer, tokenizer.sample(text, 0.3, random)), 1, Integer::sum);
    }
    assertEquals(probabilities.keySet(), counts.keySet());
    // Four standard deviations of the widest are 0.01.
    probabilities.forEach((cut, p) -> assertEquals(p, counts.get(cut) / (double) DRAWS, 0.01, cut));
  }

  @Test
  void drawsWithTheProbabilitiesOfLeavingMergesOut() {
    double out = 0.3;
    double in = 0.7;
    draws(
        small("[\"a\", \"b\"], [\"b\", \"c\"], [\"ab\", \"c\"]"),
        "abc",
        Map.of("abc", in * in, "ab c", in * out, "a bc", out * in, "a b c", out * out));
    // A merge that was passed over gets another chance when one has been made.
    draws(
        small("[\"a\", \"b\"], [\"c\", \"d\"]"),
        "abcd",
        Map.of(
            "ab cd", in * in + out * in * in,
            "ab c d", in * out,
            "a b cd", out * in * out,
            "a b c d", out * out));
  }

  @Test
  void isEncodingWithoutDropout() {
    Tokenizer tokenizer = golden();
    for (String text : Golden.<String>list(Golden.json("texts.json"))) {
      Encoding drawn = tokenizer.sample(text, 0, new SplittableRandom(1));
      Encoding nearly = tokenizer.sample(text, Double.MIN_VALUE, new SplittableRandom(1));
      for (Encoding one : List.of(drawn, nearly)) {
        assertEquals(tokenizer.encode(text), one, text);
      }
    }
    assertArrayEquals(
        new int[] {7},
        small("[\"a\", \"b\"]").encode("abc").ids(),
        "the file's own dropout does not count");
  }

  @Test
  void mergesNothingWithFullDropout() {
    Tokenizer tokenizer = golden();
    String text = "Déjà vu, 123 times over and over.";
    Encoding drawn = tokenizer.sample(text, 1, new SplittableRandom(1));
    assertEquals(text.getBytes(StandardCharsets.UTF_8).length + 1, drawn.size(), "bytes and </s>");
    assertEquals(text, tokenizer.decode(drawn.ids(), true));
    Tokenizer small = small("[\"a\", \"b\"]");
    assertEquals("a b c a", joined(small, small.sample("abca", 1, new SplittableRandom(1))));
  }

  @Test
  void drawsWhatDecodesToTheText() {
    Tokenizer tokenizer = golden();
    SplittableRandom random = new SplittableRandom(3);
    String text = "A long word: " + "underspecified".repeat(200) + " ends.";
    for (double dropout : new double[] {0.1, 0.5, 0.99}) {
      Encoding drawn = tokenizer.sample(text, dropout, random);
      // In a long word what was passed over soon gets another chance, so little changes.
      assertTrue(dropout < 0.9 || !tokenizer.encode(text).equals(drawn));
      assertEquals(text, tokenizer.decode(drawn.ids(), true));
    }
    assertEquals(
        tokenizer.sample(text, 0.5, new SplittableRandom(9)),
        tokenizer.sample(text, 0.5, new SplittableRandom(9)));
  }

  @Test
  void refusesWhatCannotBeDrawn() {
    SplittableRandom random = new SplittableRandom(1);
    for (double dropout : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> golden().sample("a", dropout, random));
    }
    String words =
        "{\"version\": \"1.0\", \"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": 0}, \"unk_token\": \"a\"}}";
    Tokenizer whole =
        Tokenizer.of(TokenizerJson.parse("words", words.getBytes(StandardCharsets.UTF_8)));
    assertThrows(UnsupportedOperationException.class, () -> whole.sample("a", 0.5, random));
  }
}
