package dev.quintet.tokenizers.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.SharedData;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerComparisonTest {

  @TempDir Path folder;

  private SequencedMap<String, Tokenizer> tokenizers() throws IOException {
    Path unigram = Files.write(folder.resolve("u"), Golden.bytes("unigram-3000-t5ids.model"));
    String file = "bytebpe-gpt4-3000.tokenizer.json";
    SequencedMap<String, Tokenizer> named = new LinkedHashMap<>();
    named.put("bytes", ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES));
    named.put("unigram", Tokenizer.load(unigram));
    named.put("bpe", Tokenizer.of(TokenizerJson.parse(file, Golden.bytes(file))));
    return named;
  }

  private static List<Sample> samples() {
    List<Sample> samples = new ArrayList<>();
    List<String> lines = Golden.corpus();
    for (int i = 0; i < lines.size(); i++) {
      samples.add(new Sample(i % 3 == 0 ? "a" : "b", "line " + i, lines.get(i)));
    }
    return samples;
  }

  @Test
  void countsByHand() throws IOException {
    try (TokenizerComparison comparison = TokenizerComparison.of(tokenizers(), "bytes", 1)) {
      comparison.add(
          List.of(
              new Sample("x", "one", "aab"),
              new Sample("x", "two", "é\n"),
              new Sample("y", "three", "")));
      assertEquals(List.of("x", "y"), comparison.types());
      Measures bytes = comparison.measures("x").get("bytes");
      assertEquals(2, bytes.texts());
      assertEquals(6, bytes.bytes());
      assertEquals(5, bytes.characters());
      assertEquals(6, bytes.tokens());
      assertEquals(5, bytes.used());
      assertEquals(1.0, bytes.bytesPerToken());
      assertEquals(1.2, bytes.tokensPerCharacter());
      assertEquals(0, bytes.lossyTexts());
      double sum = Math.pow(2 / 6.0, 2.5) + 4 * Math.pow(1 / 6.0, 2.5);
      assertEquals(
          Math.log(sum) / Math.log(2) / -1.5 / (Math.log(5) / Math.log(2)),
          bytes.renyiEfficiency(),
          1e-12);
      assertEquals(1, comparison.measures("y").get("bytes").renyiEfficiency());
      Map<String, Measures> all = comparison.measures();
      Measures unigram = all.get("unigram");
      assertEquals(3, unigram.texts());
      assertEquals(1, unigram.lossyTexts());
      Loss loss = unigram.firstLoss().orElseThrow();
      assertEquals("two", loss.source());
      assertEquals(1.0, comparison.normalizedLength(all, "bytes"));
      assertEquals(unigram.tokens() / 6.0, comparison.normalizedLength(all, "unigram"));
      assertEquals(Map.of(), comparison.measures("z"));
    }
  }

  @Test
  void givesTheSameWhateverTheThreadsAndPortions() throws IOException {
    List<Sample> samples = samples();
    List<Map<String, Measures>> results = new ArrayList<>();
    for (int threads : new int[] {1, 3}) {
      try (TokenizerComparison comparison =
          TokenizerComparison.of(tokenizers(), "unigram", threads)) {
        int portion = threads == 1 ? samples.size() : 7;
        for (int from = 0; from < samples.size(); from += portion) {
          comparison.add(samples.subList(from, Math.min(samples.size(), from + portion)));
        }
        results.add(comparison.measures());
        results.add(comparison.measures("a"));
        assertEquals(
            comparison.measures().get("bpe").tokens(),
            comparison.measures("a").get("bpe").tokens()
                + comparison.measures("b").get("bpe").tokens());
      }
    }
    assertEquals(results.subList(0, 2), results.subList(2, 4));
  }

  @Test
  void countsUnknownsAndShowsTheFirstLoss() throws IOException {
    try (TokenizerComparison comparison = TokenizerComparison.of(tokenizers(), "bpe", 2)) {
      comparison.add(
          List.of(
              new Sample("t", "good", "the man"),
              new Sample("t", "bad", "a\ud83d\ude00\u03a9 \u2603"),
              new Sample("t", "worse", "  ")));
      Measures unigram = comparison.measures().get("unigram");
      assertTrue(unigram.unknowns() >= 1);
      assertEquals(2, unigram.lossyTexts());
      Loss loss = unigram.firstLoss().orElseThrow();
      assertEquals("bad", loss.source());
      assertEquals(1, loss.character());
      assertEquals("\ud83d\ude00\u03a9 \u2603", loss.expected());
      assertEquals(Optional.empty(), comparison.measures().get("bpe").firstLoss());
    }
  }

  @Test
  void refusesABaselineThatIsNotThere() throws IOException {
    SequencedMap<String, Tokenizer> named = tokenizers();
    assertThrows(IllegalArgumentException.class, () -> TokenizerComparison.of(named, "other", 1));
    assertThrows(IllegalArgumentException.class, () -> TokenizerComparison.of(named, "bpe", 0));
  }

  @Test
  void findsThePublishedFiguresOnPublicCorpora() throws IOException {
    SequencedMap<String, Tokenizer> named = new LinkedHashMap<>();
    named.put("t5", Tokenizer.load(SharedData.file("t5/spiece.model")));
    named.put("gpt_32k", Tokenizer.load(SharedData.file("tokenizer-bench/gpt_32k.json")));
    String lines =
        Files.readString(SharedData.file("corpora/c4-lines.txt"), StandardCharsets.UTF_8);
    try (TokenizerComparison comparison = TokenizerComparison.of(named, "t5", 2)) {
      comparison.add(
          lines.lines().limit(3000).map(line -> new Sample("english", "c4", line)).toList());
      List<String> documents = Golden.list(SharedData.json("corpora/code-docs.json"));
      comparison.add(
          documents.stream().limit(100).map(text -> new Sample("code", "docs", text)).toList());
      Map<String, Measures> english = comparison.measures("english");
      assertEquals(4.29, english.get("t5").bytesPerToken(), 0.05);
      assertEquals(4.15, english.get("gpt_32k").bytesPerToken(), 0.05);
      Map<String, Measures> code = comparison.measures("code");
      assertEquals(0.735, comparison.normalizedLength(code, "gpt_32k"), 0.05);
      assertTrue(code.get("t5").unknowns() > 0);
      assertEquals(100, code.get("t5").lossyTexts());
      assertEquals(0, code.get("gpt_32k").lossyTexts());
    }
  }
}
