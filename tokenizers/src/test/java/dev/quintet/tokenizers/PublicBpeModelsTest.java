package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Published byte-level models and larger training runs, where the shared data is at hand.
class PublicBpeModelsTest {

  @ParameterizedTest
  @ValueSource(strings = {"gpt_32k", "punct_32k"})
  void encodesAndDecodesAsRecorded(String name) {
    byte[] file = SharedData.bytes("tokenizer-bench/" + name + ".json");
    TokenizerJson description = TokenizerJson.parse(name, file);
    assertEquals(
        Golden.json(file), Golden.json(description.toBytes()), "what was read is written again");
    check(Tokenizer.of(description), "hf_tokenizer-bench__" + name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokenizer", "tokenizer-flux-variant"})
  void readsT5sTokenizerJson(String name) {
    byte[] file = SharedData.bytes("t5/" + name + ".json");
    TokenizerJson description = TokenizerJson.parse(name, file);
    assertEquals(
        new String(file, StandardCharsets.UTF_8).strip(),
        new String(description.toBytes(), StandardCharsets.UTF_8),
        "what was read is written again");
    check(Tokenizer.of(description), "hf_t5__" + name);
  }

  @Test
  void readsAVocabularyAndMerges() {
    check(Tokenizer.load(SharedData.file("codet5")), "hf_codet5");
  }

  private static void check(Tokenizer tokenizer, String oracle) {
    var inputs = Golden.object(SharedData.json("oracle/inputs.json"));
    var recorded = Golden.object(SharedData.json("oracle/" + oracle + ".json"));
    var plain = Golden.object(recorded.get("ids_no_special"));
    Map<String, Object> special = Golden.object(recorded.getOrDefault("ids_special", Map.of()));
    Map<String, Object> decoded = Golden.object(recorded.getOrDefault("decode", Map.of()));
    for (String kind : plain.keySet()) {
      List<String> texts = Golden.list(inputs.get(kind));
      List<Object> ids = Golden.list(plain.get(kind));
      for (int i = 0; i < ids.size(); i++) {
        int[] expected = Golden.ints(ids.get(i));
        Encoding encoding = tokenizer.encode(texts.get(i), false);
        assertArrayEquals(expected, encoding.ids(), texts.get(i));
        for (int k = 0; k < encoding.size(); k++) {
          assertTrue(
              encoding.start(k) >= 0
                  && encoding.start(k) <= encoding.end(k)
                  && encoding.end(k) <= texts.get(i).length());
        }
        if (special.containsKey(kind)) {
          int[] whole = Golden.ints(Golden.list(special.get(kind)).get(i));
          assertArrayEquals(whole, tokenizer.encode(texts.get(i)).ids(), texts.get(i));
        }
        if (decoded.containsKey(kind)) {
          Object text = Golden.list(decoded.get(kind)).get(i);
          assertEquals(text, tokenizer.decode(expected, true), texts.get(i));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hf_bytebpe_botchan_gpt2_2000, sentencepiece/botchan.txt, gpt2, 2000",
    "hf_bytebpe_c4_gpt4_8000, corpora/c4-lines.txt, gpt4, 8000",
    "hf_bytebpe_c4_punct_8000, corpora/c4-lines.txt, punct, 8000"
  })
  void trainsAsRecorded(String name, String corpus, String pattern, int size) {
    Map<String, Object> recorded = Golden.object(SharedData.json("train-ref/" + name + ".json"));
    // These runs, unlike the golden ones, were given the lines without their line ends.
    String text = new String(SharedData.bytes(corpus), StandardCharsets.UTF_8);
    List<String> lines = Arrays.asList(text.split("\n", -1));
    boolean gpt2 = pattern.equals("gpt2");
    var trained =
        Golden.object(
            Golden.json(
                ByteBpeTrainer.of(size)
                    .withSpecialTokens(gpt2 ? List.of("<s>", "<pad>", "</s>", "<unk>") : List.of())
                    .withMinFrequency(gpt2 ? 2 : 0)
                    .withPattern(SplitPattern.of(pattern))
                    .train(lines)
                    .toBytes()));
    var model = Golden.object(trained.get("model"));
    assertEquals(recorded.get("merges"), model.get("merges"));
    assertEquals(recorded.get("vocab"), model.get("vocab"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cl100k_base", "o200k_base"})
  void readsTiktokensFiles(String name) {
    Tokenizer tokenizer = Tokenizer.load(SharedData.file("openai-bpe/" + name + ".tiktoken"));
    String csv =
        new String(
            SharedData.bytes("jtokkit-vectors/" + name + "_encodings.csv"), StandardCharsets.UTF_8);
    // A row: a text, in quotes where it needs them, and two lists of ids in quotes.
    Matcher row =
        Pattern.compile(
                "(?:\"((?:[^\"]|\"\")*)\"|([^\",\n]*)),\"\\[([0-9, ]*)\\]\",\"[^\"]*\"\r?\n?")
            .matcher(csv.substring(csv.indexOf('\n') + 1));
    int rows = 0;
    while (row.find()) {
      String text = row.group(1) != null ? row.group(1).replace("\"\"", "\"") : row.group(2);
      int[] ids =
          Pattern.compile(", ").splitAsStream(row.group(3)).mapToInt(Integer::parseInt).toArray();
      assertArrayEquals(ids, tokenizer.encode(text).ids(), text);
      assertEquals(text, tokenizer.decode(ids));
      rows++;
    }
    assertTrue(rows > 400, rows + " rows");
  }
}
