package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Against what sentencepiece 0.2.2 encoded and decoded.
class SentencePieceGoldenTest {

  private static Tokenizer golden(String name) {
    return SentencePieceTokenizer.plain(
        SentencePieceModel.parse(name, Golden.bytes(name + ".model")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bpe-3000-bytefallback-identity",
        "bpe-4000",
        "char",
        "unigram-2000-identity-nodummy",
        "unigram-2500-userdefined",
        "unigram-3000-t5ids",
        "unigram-4000-bytefallback"
      })
  void encodesAndDecodesAsRecorded(String name) {
    Tokenizer tokenizer = golden(name);
    var recorded = Golden.object(Golden.json(name + ".ids.json"));
    List<String> texts = Golden.list(Golden.json("texts.json"));
    check(tokenizer, texts, Golden.list(recorded.get("ids")), Golden.list(recorded.get("decoded")));
  }

  private static void check(
      Tokenizer tokenizer, List<String> texts, List<Object> ids, List<String> decoded) {
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      String text = texts.get(i);
      int[] expected = Golden.ints(ids.get(i));
      try {
        Encoding encoding = tokenizer.encode(text);
        assertArrayEquals(expected, encoding.ids(), text);
        if (i < decoded.size()) {
          assertEquals(decoded.get(i), tokenizer.decode(expected), text);
        }
        for (int k = 1; k < encoding.size(); k++) {
          assertTrue(encoding.start(k) >= encoding.start(k - 1), text);
        }
      } catch (AssertionError difference) {
        wrong.add(difference.getMessage());
      }
    }
    assertEquals(
        List.of(), wrong.subList(0, Math.min(3, wrong.size())), () -> wrong.size() + " texts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sentencepiece__test_ja_model.model",
        "sentencepiece__test_model.model",
        "seqio__sentencepiece.model",
        "t5__spiece.model",
        "tokenizer-bench__merged_80k.model",
        "transformers-fixtures__spiece.model",
        "transformers-fixtures__test_sentencepiece.model",
        "transformers-fixtures__test_sentencepiece_bpe.model",
        "transformers-fixtures__test_sentencepiece_no_bos.model"
      })
  void encodesAndDecodesWithPublishedModelsAsRecorded(String name) {
    Tokenizer tokenizer = Tokenizer.load(SharedData.file(name.replace("__", "/")));
    var recorded = Golden.object(SharedData.json("oracle/spm_" + name + ".json"));
    var inputs = Golden.object(SharedData.json("oracle/inputs.json"));
    var ids = Golden.object(recorded.get("ids"));
    var decoded = Golden.object(recorded.get("decode"));
    for (String kind : ids.keySet()) {
      check(
          tokenizer,
          Golden.list(inputs.get(kind)),
          Golden.list(ids.get(kind)),
          Golden.list(decoded.getOrDefault(kind, List.of())));
    }
  }

  @Test
  void placesT5sPiecesAsRecorded() {
    Tokenizer tokenizer = Tokenizer.load(SharedData.file("t5/spiece.model"));
    for (Object one : Golden.<Object>list(SharedData.json("oracle/t5_offsets_bytes.json"))) {
      var recorded = Golden.object(one);
      String text = (String) recorded.get("t");
      Encoding encoding = tokenizer.encode(text);
      List<Object> pieces = Golden.list(recorded.get("p"));
      assertEquals(pieces.size(), encoding.size(), text);
      for (int i = 0; i < pieces.size(); i++) {
        List<Object> piece = Golden.list(pieces.get(i));
        assertEquals(piece.get(1), encoding.id(i), text);
        assertEquals(piece.get(3), bytes(text, encoding.start(i)), text);
        assertEquals(piece.get(4), bytes(text, encoding.end(i)), text);
      }
    }
  }

  private static int bytes(String text, int units) {
    return text.substring(0, units).getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  void readsAFolderAsT5WithSentinelsAndAnEnd(@TempDir Path folder) throws IOException {
    Files.write(folder.resolve("spiece.model"), Golden.bytes("unigram-3000-t5ids.model"));
    assertEquals(3000, Tokenizer.load(folder).vocabularySize(), "without a configuration");
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\": \"T5Tokenizer\", \"extra_ids\": 100, \"eos_token\": \"</s>\","
            + " \"pad_token\": \"<pad>\", \"unk_token\": \"<unk>\"}");
    Tokenizer tokenizer = Tokenizer.load(folder);
    assertEquals(3100, tokenizer.vocabularySize());
    assertEquals(3099, tokenizer.sentinelId(0).getAsInt());
    assertEquals(3000, tokenizer.sentinelId(99).getAsInt());
    assertEquals(0, tokenizer.padId().getAsInt());
    assertEquals(1, tokenizer.eosId().getAsInt());
    assertEquals(2, tokenizer.unknownId().getAsInt());
    String text = "Thank you <extra_id_0> me to your party <extra_id_1> week.";
    Encoding encoding = tokenizer.encode(text);
    assertEquals(1, encoding.id(encoding.size() - 1));
    assertEquals(
        "Thank you<extra_id_0> me to your party<extra_id_1> week.</s>",
        tokenizer.decode(encoding.ids()));
    assertEquals("Thank you me to your party week.", tokenizer.decode(encoding.ids(), true));
    tokenizer.save(folder.resolve("again"));
    assertEquals(encoding, Tokenizer.load(folder.resolve("again")).encode(text));
    assertEquals(
        -1, Files.mismatch(folder.resolve("spiece.model"), folder.resolve("again/spiece.model")));
  }

  /// What transformers 5.18's `T5Tokenizer` gives with the pieces of `unigram-3000-t5ids` and no
  /// charsmap; its `<extra_id_0>` is the first id there, and the last here.
  @Test
  void takesMarksInTheTextForBeginningsOfWordsWhereTheModelIsT5s(@TempDir Path folder)
      throws IOException {
    byte[] pieces = Golden.bytes("unigram-3000-t5ids.model");
    // A second normalizer_spec replaces the first: the rules are empty.
    byte[] model = Arrays.copyOf(pieces, pieces.length + 4);
    System.arraycopy(new byte[] {0x1A, 2, 0x12, 0}, 0, model, pieces.length, 4);
    Files.write(folder.resolve("spiece.model"), model);
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\": \"T5Tokenizer\", \"eos_token\": \"</s>\","
            + " \"pad_token\": \"<pad>\", \"unk_token\": \"<unk>\"}");
    Tokenizer t5 = Tokenizer.load(folder);
    String[] textsAndIds = {
      "a", "11 1",
      "\u2581a", "11 1",
      "\u2581\u2581a", "3 11 1",
      " \u2581a", "11 1",
      "  \u2581 \u2581\u2581a", "3 3 11 1",
      "a\u2581b", "11 151 1",
      "a \u2581b", "11 151 1",
      "a\u2581 b", "11 3 151 1",
      "a \u2581 b", "11 3 151 1",
      "a\u2581\u2581b", "11 3 151 1",
      "a\u2581\u2581\u2581 \u2581b", "11 3 3 3 151 1",
      "a\u2581", "11 3 1",
      "a \u2581", "11 3 1",
      "a\u2581\u2581 ", "11 3 3 1",
      "\u2581", "3 1",
      "\u2581\u2581", "3 3 1",
      "\u2581 ", "3 1",
      " \u2581", "3 1",
      "<extra_id_0>\u2581a", "3099 11 1",
      "<extra_id_0> \u2581a", "3099 11 1",
      "<extra_id_0>\u2581 a", "3099 3 11 1",
      "a\u2581<extra_id_0>", "11 3 3099 1",
      "a \u2581 <extra_id_0>\u2581", "11 3 3099 3 1",
      "<extra_id_0>a", "3099 11 1",
      "the\t\u2581cat", "8 394 1",
      "the\n\u2581cat\u0085\u2581dog\u3000a", "8 394 1473 11 1",
      "\u3000\u2581a", "11 1",
      "\u2581\n", "3 1",
      "the\u2581cat\u2581sat", "8 394 1300 1",
      "a</s>\u2581b", "11 1 151 1",
      "\u6771\u2581\u4eac", "3 2 3 2 1",
      " \t ", "1"
    };
    for (int i = 0; i < textsAndIds.length; i += 2) {
      String text = textsAndIds[i];
      int[] ids =
          Arrays.stream(textsAndIds[i + 1].split(" ")).mapToInt(Integer::parseInt).toArray();
      assertArrayEquals(ids, t5.encode(text).ids(), text);
      assertArrayEquals(ids, t5.encodeToIds(text, true), text);
      assertEquals(ids.length, t5.tokens(text, true).size(), text);
    }
    Encoding places = t5.encode("a \u2581b\u2581 ");
    assertEquals(
        "0-1 1-4 4-5 0-0",
        IntStream.range(0, places.size())
            .mapToObj(i -> places.start(i) + "-" + places.end(i))
            .collect(Collectors.joining(" ")));
    Tokenizer raw = Tokenizer.loadSentencePiece(folder);
    assertArrayEquals(new int[] {3, 11, 1}, raw.encode("\u2581a").ids());
    assertArrayEquals(new int[] {11, 3, 151, 1}, raw.encode("a \u2581b").ids());
    assertArrayEquals(
        new int[] {3, 11}, Tokenizer.load(folder.resolve("spiece.model")).encode("\u2581a").ids());
  }

  @Test
  void takesNoLongerThanNLogNForOneLongWord() {
    for (String name : List.of("bpe-3000-bytefallback-identity", "unigram-3000-t5ids", "char")) {
      Tokenizer tokenizer = golden(name);
      for (String part : List.of("a", " ", "ab", "\u3042", "x y")) {
        String text = part.repeat(300_000 / part.length());
        assertTimeout(Duration.ofSeconds(20), () -> tokenizer.encode(text));
      }
    }
  }
}
