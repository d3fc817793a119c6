package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.bytes.ByteTokenizer;
import dev.quintet.tokenizers.huggingface.Padding;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.huggingface.Truncation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchEncoderTest {

  /// Against what Hugging Face's tokenizers 0.23.2 made of random texts, alone and in pairs, under
  /// random templates, truncation and padding.
  @Test
  void equalsTheReference() {
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    for (Object one : Golden.<Object>list(Golden.json("window-cases.json"))) {
      var recorded = Golden.object(one);
      String json = (String) recorded.get("json");
      Tokenizer tokenizer =
          Tokenizer.of(TokenizerJson.parse("recorded", json.getBytes(StandardCharsets.UTF_8)));
      BatchEncoder encoder =
          BatchEncoder.of(tokenizer).withLengths(tokenizer.lengths()).withRest(true);
      boolean left = encoder.padding().orElseThrow().left();
      List<String> texts = Golden.list(recorded.get("texts"));
      List<BatchEncoder.Pair> pairs =
          Golden.<Object>list(recorded.get("pairs")).stream()
              .map(Golden::<String>list)
              .map(pair -> new BatchEncoder.Pair(pair.get(0), pair.get(1)))
              .toList();
      if (recorded.get("rows") == Golden.NULL) {
        assertThrows(IllegalArgumentException.class, () -> encoder.encode(texts), json);
      } else {
        compared++;
        compare(recorded.get("rows"), encoder.encode(texts), json + texts, left, wrong);
      }
      if (recorded.get("pairRows") == Golden.NULL) {
        assertThrows(IllegalArgumentException.class, () -> encoder.encodePairs(pairs), json);
      } else {
        compared++;
        compare(recorded.get("pairRows"), encoder.encodePairs(pairs), json + pairs, left, wrong);
      }
    }
    assertEquals(
        List.of(), wrong.subList(0, Math.min(2, wrong.size())), () -> wrong.size() + " differ");
    assertTrue(compared > 100, "compared " + compared);
  }

  private static void compare(
      Object recorded, TokenBatch batch, String what, boolean left, List<String> wrong) {
    List<Object> texts = Golden.list(recorded);
    int row = 0;
    for (int text = 0; text < texts.size(); text++) {
      for (Object window : Golden.<Object>list(texts.get(text))) {
        List<Object> want = Golden.list(window);
        // The reference fills up further windows no more than the first ones, which may be shorter.
        int n = Golden.<Object>list(want.get(0)).size();
        int more = batch.length() - n;
        int from = row * batch.length() + (left ? more : 0);
        int to = from + n;
        if (more < 0 || row >= batch.rows() || batch.texts()[row] != text) {
          wrong.add("rows of text " + text + " of " + what);
          return;
        }
        int[] offsets = new int[2 * n];
        for (int i = 0; i < n; i++) {
          offsets[2 * i] = batch.starts()[from + i];
          offsets[2 * i + 1] = batch.ends()[from + i];
        }
        List<int[]> got =
            List.of(
                Arrays.copyOfRange(batch.ids(), from, to),
                Arrays.copyOfRange(batch.types(), from, to),
                Arrays.copyOfRange(batch.mask(), from, to),
                offsets);
        for (int i = 0; i < got.size(); i++) {
          if (!Arrays.equals(Golden.ints(want.get(i)), got.get(i))) {
            wrong.add(i + " " + want.get(i) + Arrays.toString(got.get(i)) + " row " + row + what);
          }
        }
        if (batch.tokens(row) != Arrays.stream(Golden.ints(want.get(2))).sum()) {
          wrong.add("tokens of row " + row + " of " + what);
        }
        row++;
      }
    }
    if (row != batch.rows()) {
      wrong.add("rows of " + what);
    }
  }

  @Test
  void putsWhatEndsATextBehindEachOfTwo() {
    Tokenizer bytes = ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES);
    Window pair = bytes.encode("a", (CharSequence) "bc");
    assertArrayEquals(new int[] {100, 1, 101, 102, 1}, pair.tokens().ids());
    assertArrayEquals(new int[] {0, 0, 0, 1, 0}, pair.tokens().starts());
    assertArrayEquals(new int[5], pair.types());
    TokenBatch batch = bytes.batch(List.of("a", "bcd"));
    assertArrayEquals(new int[] {100, 1, 0, 0, 101, 102, 103, 1}, batch.ids());
    assertArrayEquals(new int[] {1, 1, 0, 0, 1, 1, 1, 1}, batch.mask());
    assertEquals(2, batch.tokens(0));
  }

  @Test
  void keepsTheRestInFurtherRows() {
    BatchEncoder encoder =
        BatchEncoder.of(ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES))
            .withTruncation(Truncation.to(4).withStride(1))
            .withPadding(Padding.toLongest(0).withMultipleOf(8).withLeft(true));
    TokenBatch batch = encoder.withRest(true).encode(List.of("abcde", "a"));
    assertArrayEquals(new int[] {0, 0, 1}, batch.texts());
    assertArrayEquals(new int[] {0, 0, 0, 0, 100, 101, 102, 1}, batch.row(0));
    assertArrayEquals(new int[] {0, 0, 0, 0, 102, 103, 104, 1}, batch.row(1));
    assertArrayEquals(new int[] {0, 0, 0, 0, 0, 0, 100, 1}, batch.row(2));
    assertEquals(2, encoder.encode(List.of("abcde", "a")).rows());
    assertEquals(
        "encode: expected a stride smaller than the 3 tokens of a text that a window has room for,"
            + " got 3; choose a longer maximum or a smaller stride",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    encoder.withTruncation(Truncation.to(4).withStride(3)).encode(List.of("abcde")))
            .getMessage());
  }

  @Test
  void refusesPaddingWithoutAPaddingToken() {
    byte[] json =
        """
        {"model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1}, "unk_token": "a"},
         "pre_tokenizer": {"type": "Whitespace"}}
        """
            .getBytes(StandardCharsets.UTF_8);
    Tokenizer tokenizer = Tokenizer.of(TokenizerJson.parse("x", json));
    assertEquals(4, tokenizer.batch(List.of("a b", "b a")).ids().length);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> tokenizer.batch(List.of("a", "b a")))
            .getMessage()
            .contains("withPadding"));
  }
}
