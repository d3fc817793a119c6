package dev.quintet.tokenizers.sentencepiece;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.SharedData;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.sentencepiece.file.ProtoWriter;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePieceTest {

  private static SentencePiece golden(String name) {
    return new SentencePiece(SentencePieceModel.parse(name, Golden.bytes(name + ".model")));
  }

  /// `text score type` each, after an unknown piece; no dummy space, no rules.
  private static ProtoWriter file(int algorithm, String... pieces) {
    ProtoWriter file = new ProtoWriter();
    file.message(1, new ProtoWriter().string(1, "<unk>").number(3, 2));
    for (String piece : pieces) {
      String[] parts = piece.split(" ");
      file.message(
          1,
          new ProtoWriter()
              .string(1, parts[0])
              .float32(2, Float.parseFloat(parts[1]))
              .number(3, parts.length > 2 ? Integer.parseInt(parts[2]) : 1));
    }
    file.message(2, new ProtoWriter().number(3, algorithm));
    return file.message(3, new ProtoWriter().bool(3, false));
  }

  private static SentencePiece model(int algorithm, String... pieces) {
    return new SentencePiece(SentencePieceModel.parse("test", file(algorithm, pieces).toBytes()));
  }

  private static String joined(SentencePiece pieces, String text) {
    return String.join(" ", pieces.encode(text).pieces());
  }

  @Test
  void findsTheBestOfT5AsRecorded() {
    SentencePiece t5 =
        new SentencePiece(SentencePieceModel.read(SharedData.file("t5/spiece.model")));
    for (Object one : Golden.<Object>list(SharedData.json("oracle/t5_nbest5.json"))) {
      var recorded = Golden.object(one);
      String text = (String) recorded.get("t");
      List<Object> expected = Golden.list(recorded.get("nbest"));
      List<Segmentation> best = t5.nBest(text, 5);
      assertEquals(expected.size(), best.size());
      for (int i = 0; i < expected.size(); i++) {
        var entry = Golden.object(expected.get(i));
        assertArrayEquals(Golden.ints(entry.get("ids")), best.get(i).ids(), text);
        assertEquals(((Number) entry.get("score")).floatValue(), best.get(i).score(), text);
      }
    }
    for (Object one : Golden.<Object>list(SharedData.json("oracle/t5_entropy.json"))) {
      var recorded = Golden.object(one);
      double expected = ((Number) recorded.get("entropy")).doubleValue();
      assertEquals(expected, t5.entropy((String) recorded.get("t"), 1), 2e-3 * (1 + expected));
    }
  }

  @Test
  void scoresUserDefinedPiecesByLength() {
    SentencePiece pieces =
        model(1, "a -2.5", "b -3.02", "ab 0 4", "aba 0 4", "bab 0 4", "bb 0 4", "babb 0 4");
    assertEquals("aba bab", joined(pieces, "ababab"));
    assertEquals(
        "[[aba, bab] 0.4, [ab, ab, ab] 0.3, [a, bab, ab] -2.2]",
        pieces.nBest("ababab", 3).toString());
    assertEquals("aba babb", joined(pieces, "abababb"));
    // Bytes count in the first, characters in the second, as in the reference.
    SentencePiece wide = model(1, "\u6771 0.15", "\u4eac 0.15", "\u6771\u4eac 0 4");
    assertEquals("\u6771\u4eac", joined(wide, "\u6771\u4eac"));
    assertEquals(List.of("\u6771", "\u4eac"), wide.nBest("\u6771\u4eac", 2).get(0).pieces());
  }

  private static void assertLikely(
      Map<List<String>, Double> probabilities, List<Segmentation> drawn) {
    Map<List<String>, Integer> counts = new HashMap<>();
    drawn.forEach(one -> counts.merge(one.pieces(), 1, Integer::sum));
    assertTrue(probabilities.keySet().containsAll(counts.keySet()));
    double chiSquare = 0;
    int cells = 0;
    double restExpected = drawn.size();
    int restCount = drawn.size();
    for (var one : probabilities.entrySet()) {
      double expected = one.getValue() * drawn.size();
      if (expected >= 10) {
        int count = counts.getOrDefault(one.getKey(), 0);
        chiSquare += (count - expected) * (count - expected) / expected;
        restExpected -= expected;
        restCount -= count;
        cells++;
      }
    }
    if (restExpected > 10) {
      chiSquare += (restCount - restExpected) * (restCount - restExpected) / restExpected;
      cells++;
    }
    // Mean and four standard deviations of the distribution.
    assertTrue(chiSquare < cells + 4 * Math.sqrt(2 * cells), chiSquare + " of " + cells);
  }

  @Test
  void drawsInProportionToLikelihood() {
    SentencePiece pieces = golden("unigram-3000-t5ids");
    String text = "sampled unknown\u4e00";
    for (double alpha : new double[] {0, 0.2, 1}) {
      Map<List<String>, Double> probabilities = new HashMap<>();
      List<Segmentation> all = pieces.nBest(text, 1024);
      assertTrue(all.size() < 1024, "all are known");
      double sum = all.stream().mapToDouble(one -> Math.exp(alpha * one.score())).sum();
      all.forEach(one -> probabilities.put(one.pieces(), Math.exp(alpha * one.score()) / sum));
      Random random = new Random(1);
      Segmentation[] drawn = new Segmentation[20_000];
      Arrays.setAll(drawn, _ -> pieces.sample(text, alpha, random));
      assertLikely(probabilities, Arrays.asList(drawn));
      for (int i = 0; i < 100; i++) {
        double probability = probabilities.get(drawn[i].pieces());
        assertEquals(Math.log(probability), drawn[i].score(), 1e-3);
      }
      double entropy = probabilities.values().stream().mapToDouble(p -> -p * Math.log(p)).sum();
      assertEquals(entropy, pieces.entropy(text, alpha), 1e-3);
      Arrays.setAll(drawn, _ -> pieces.sampleBest(text, 4, alpha, random));
      double four = all.stream().limit(4).mapToDouble(o -> Math.exp(alpha * o.score())).sum();
      probabilities.clear();
      all.stream()
          .limit(4)
          .forEach(o -> probabilities.put(o.pieces(), Math.exp(alpha * o.score()) / four));
      assertLikely(probabilities, Arrays.asList(drawn));
    }
    assertEquals(pieces.sample(text, 0.1, new Random(3)), pieces.sample(text, 0.1, new Random(3)));
  }

  @Test
  void leavesMergesOutAtRandom() {
    SentencePiece pieces = model(2, "a -9", "b -9", "c -9", "ab -1", "bc -2", "abc -3");
    assertEquals("abc", joined(pieces, "abc"));
    // ab first; if left out, bc; then the rest of the way.
    Map<List<String>, Double> expected =
        Map.of(
            List.of("abc"), 0.7 * 0.7 + 0.3 * 0.7 * 0.7,
            List.of("ab", "c"), 0.7 * 0.3,
            List.of("a", "bc"), 0.3 * 0.7 * 0.3,
            List.of("a", "b", "c"), 0.3 * 0.3);
    Random random = new Random(2);
    Segmentation[] drawn = new Segmentation[20_000];
    Arrays.setAll(drawn, _ -> pieces.sample("abc", 0.3, random));
    assertLikely(expected, Arrays.asList(drawn));
    SentencePiece real = golden("bpe-4000");
    String text = "Dropout leaves merges out.";
    assertEquals(real.encode(text), real.sample(text, 0, random));
    assertEquals(1 + text.length(), real.sample(text, 1, random).size());
    assertNotEquals(real.encode(text), real.sample(text, 0.5, random));
    assertThrows(UnsupportedOperationException.class, () -> real.nBest(text, 2));
    assertThrows(
        UnsupportedOperationException.class, () -> golden("char").sample(text, 0.5, random));
  }

  @Test
  void cutsUnusedPiecesAgainAsTheyWerePutTogether() {
    // The cases of the reference's own tests.
    String[] pieces = {
      "ab 0",
      "cd -0.1",
      "abc -0.2",
      "a -0.3",
      "b -0.4",
      "c -0.5",
      "ABC -0.5",
      "abcdabcd -0.5",
      "q -0.5",
      "r -0.5",
      "qr -0.5"
    };
    SentencePiece all = model(2, pieces);
    assertEquals("ab cd ab cd", joined(all, "abcdabcd"));
    assertEquals("x abc ab AB", joined(all, "xabcabAB"));
    pieces[0] = "ab 0 5";
    assertEquals("abc", joined(model(2, pieces), "abc"));
    assertEquals("a b cd a b cd", joined(model(2, pieces), "abcdabcd"));
    assertEquals("x abc a b AB", joined(model(2, pieces), "xabcabAB"));
    pieces[2] = "abc -0.2 5";
    assertEquals("a b c", joined(model(2, pieces), "abc"));
    assertEquals("x a b c a b AB", joined(model(2, pieces), "xabcabAB"));
  }

  @Test
  void restrictsTheVocabulary(@TempDir Path folder) throws IOException {
    SentencePiece all = model(1, "a -3", "b -3", "c -3", "ab -1", "bc -1.5", "abc -0.5", "cab 0 4");
    assertEquals("abc", joined(all, "abc"));
    assertEquals("ab c", joined(all.withVocabulary(Set.of("ab")), "abc"));
    assertEquals("a b c", joined(all.withVocabulary(Set.of()), "abc"));
    assertEquals("cab", joined(all.withVocabulary(Set.of()), "cab"), "user-defined ones stay");
    Path file = folder.resolve("vocabulary");
    Files.writeString(file, "ab\t4\nbc\t5\nabc\n");
    assertEquals("a bc", joined(all.withVocabulary(file, 5), "abc"));
    assertEquals("abc", joined(all.withVocabulary(file, 1), "abc"));
    assertThrows(
        UnsupportedOperationException.class, () -> golden("char").withVocabulary(Set.of()));
  }

  @Test
  void changesPiecesAfterEncoding() {
    SentencePiece pieces = model(1, "a -1", "<s> 0 3", "</s> 0 3");
    String text = "ax";
    Segmentation plain = pieces.encode(text);
    assertEquals(List.of("a", "x"), plain.pieces());
    assertEquals(
        List.of("<s>", "<unk>", "a", "</s>"),
        pieces
            .with(text, plain, List.of(Extra.REVERSE, Extra.BOS, Extra.EOS, Extra.UNKNOWN_PIECE))
            .pieces());
    Segmentation marked = pieces.with(text, plain, List.of(Extra.BOS, Extra.EOS));
    assertArrayEquals(new int[] {2, 1, 0, 3}, marked.ids());
    assertArrayEquals(new int[] {0, 0, 1, 2}, marked.starts());
    assertArrayEquals(new int[] {0, 1, 2, 2}, marked.ends());
    SentencePiece bare = model(1, "a -1");
    assertThrows(
        IllegalArgumentException.class, () -> bare.with("a", bare.encode("a"), List.of(Extra.EOS)));
  }

  @Test
  void testsAModelWithItsOwnSamples() {
    ProtoWriter good =
        file(1, "a -1", "b -1", "ab -2")
            .message(
                4,
                new ProtoWriter().message(1, new ProtoWriter().string(1, "ab").string(2, "a b")));
    // Another segmentation of the same score will do.
    new SentencePiece(SentencePieceModel.parse("good", good.toBytes()));
    ProtoWriter bad =
        file(1, "a -1", "b -1", "ab -1")
            .message(
                4,
                new ProtoWriter().message(1, new ProtoWriter().string(1, "ab").string(2, "a b")));
    SentencePieceModel model = SentencePieceModel.parse("bad", bad.toBytes());
    assertEquals(
        "self_test_data",
        assertThrows(MalformedFileException.class, () -> new SentencePiece(model)).place());
  }
}
