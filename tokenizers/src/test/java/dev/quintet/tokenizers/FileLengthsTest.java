package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.tokenizers.huggingface.LengthSpec;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What a `tokenizer.json` says of lengths acts for those who ask for it and for nobody else.
class FileLengthsTest {
  private static final String TEXT = "a b c d e f g";
  private static final String OTHER = "g f";

  @Test
  void nothingIsCutOrFilledUpUnasked() {
    Tokenizer plain = tokenizer("null", "null");
    for (String truncation : truncations()) {
      for (String padding : paddings()) {
        Tokenizer told = tokenizer(truncation, padding);
        String what = truncation + padding;
        for (boolean special : new boolean[] {false, true}) {
          int[] ids = plain.encodeToIds(TEXT, special);
          assertArrayEquals(ids, told.encodeToIds(TEXT, special), what);
          assertArrayEquals(ids, told.encode(TEXT, special).ids(), what);
          assertEquals(plain.tokens(TEXT, special), told.tokens(TEXT, special), what);
          assertArrayEquals(ids, told.encodeAllToIds(List.of(TEXT), special, 1).getFirst(), what);
        }
        assertArrayEquals(
            plain.encode(TEXT).ids(), told.encodeAll(List.of(TEXT), 1).getFirst().ids(), what);
        assertArrayEquals(
            plain.encode(TEXT, OTHER).tokens().ids(),
            told.encode(TEXT, OTHER).tokens().ids(),
            what);
        assertArrayEquals(
            plain.batch(List.of(TEXT, OTHER)).ids(), told.batch(List.of(TEXT, OTHER)).ids(), what);
        var pairs = List.of(new BatchEncoder.Pair(TEXT, OTHER), new BatchEncoder.Pair("a", "b"));
        assertArrayEquals(
            BatchEncoder.of(plain).encodePairs(pairs).ids(),
            BatchEncoder.of(told).encodePairs(pairs).ids(),
            what);
      }
    }
  }

  @Test
  void drawnEncodingsAreWholeToo() {
    String json =
        """
        {"truncation": {"max_length": 2, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
         "padding": {"strategy": {"Fixed": 9}, "direction": "Left", "pad_id": 0, "pad_type_id": 0, "pad_token": "a"},
         "pre_tokenizer": {"type": "Whitespace"},
         "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}
        """;
    Tokenizer told = of(json);
    assertEquals(8, told.sample("ab ab ab ab", 1, new Random(3)).size());
  }

  @Test
  void theFilesLengthsActForThoseWhoAsk() {
    Tokenizer told =
        tokenizer(truncation("LongestFirst", "Left", 0), padding("{\"Fixed\": 12}", "Right", "8"));
    LengthSpec lengths = told.lengths();
    Encoding one = told.encode(TEXT, lengths);
    assertArrayEquals(new int[] {4, 5, 6, 7, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, one.ids());
    assertArrayEquals(
        new int[] {3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        told.encode(TEXT, false, lengths).ids());
    assertEquals(16, told.encode(TEXT, OTHER, lengths).tokens().size());
    assertEquals(16, BatchEncoder.of(told).withLengths(lengths).encode(List.of("a")).length());
  }

  private static List<String> truncations() {
    var all = new ArrayList<String>();
    all.add("null");
    for (String strategy : List.of("LongestFirst", "OnlyFirst", "OnlySecond")) {
      for (String direction : List.of("Left", "Right")) {
        all.add(truncation(strategy, direction, 0));
        all.add(truncation(strategy, direction, 2));
      }
    }
    return all;
  }

  private static String truncation(String strategy, String direction, int stride) {
    return "{\"max_length\": 5, \"strategy\": \"%s\", \"direction\": \"%s\", \"stride\": %d}"
        .formatted(strategy, direction, stride);
  }

  private static List<String> paddings() {
    var all = new ArrayList<String>();
    all.add("null");
    for (String strategy : List.of("{\"Fixed\": 16}", "\"BatchLongest\"")) {
      for (String direction : List.of("Left", "Right")) {
        all.add(padding(strategy, direction, "null"));
        all.add(padding(strategy, direction, "8"));
      }
    }
    return all;
  }

  private static String padding(String strategy, String direction, String multiple) {
    return "{\"strategy\": %s, \"direction\": \"%s\", \"pad_to_multiple_of\": %s, \"pad_id\": 0, \"pad_type_id\": 0, \"pad_token\": \"<pad>\"}"
        .formatted(strategy, direction, multiple);
  }

  private static Tokenizer tokenizer(String truncation, String padding) {
    return of(
        """
        {"truncation": %s, "padding": %s, "pre_tokenizer": {"type": "Whitespace"},
         "added_tokens": [{"id": 0, "content": "<pad>", "single_word": false, "lstrip": false, "rstrip": false,
           "normalized": false, "special": true}],
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}},
             {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "</s>", "type_id": 1}}],
           "special_tokens": {"</s>": {"id": "</s>", "ids": [9], "tokens": ["</s>"]}}},
         "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {"<pad>": 0, "a": 1, "b": 2, "c": 3, "d": 4,
           "e": 5, "f": 6, "g": 7, "<unk>": 8, "</s>": 9}}}
        """
            .formatted(truncation, padding));
  }

  private static Tokenizer of(String json) {
    return Tokenizer.of(TokenizerJson.parse("made up", json.getBytes(StandardCharsets.UTF_8)));
  }
}
