package dev.quintet.tokenizers.sentencepiece;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.SharedData;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import dev.quintet.tokenizers.sentencepiece.train.TrainingRun;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Against what sentencepiece 0.2.2 trained: the same pieces in the same order with the same bits of
/// their scores.
class SentencePieceTrainerTest {

  private static SentencePieceOptions options(Map<String, Object> recorded) {
    // The reference ran with one thread wherever nothing is said.
    SentencePieceOptions options = SentencePieceOptions.defaults().with("num_threads", "1");
    for (var one : recorded.entrySet()) {
      Object value = one.getValue();
      String text =
          value instanceof List<?> list
              ? list.stream().map(Object::toString).collect(Collectors.joining(","))
              : value.toString();
      if (!one.getKey().equals("input")) {
        options = options.with(one.getKey(), text);
      }
    }
    return options;
  }

  private static String line(String piece, float score, SentencePieceModel.Type type) {
    return piece + " " + Integer.toHexString(Float.floatToIntBits(score)) + " " + type;
  }

  private static List<String> lines(SentencePieceModel model) {
    List<String> lines = new ArrayList<>();
    for (int id = 0; id < model.size(); id++) {
      lines.add(line(model.piece(id), model.score(id), model.type(id)));
    }
    return lines;
  }

  private static void same(List<String> expected, List<String> trained) {
    int first = 0;
    while (first < Math.min(expected.size(), trained.size())
        && expected.get(first).equals(trained.get(first))) {
      first++;
    }
    int end = Math.min(first + 4, Math.min(expected.size(), trained.size()));
    int different = 0;
    for (String one : trained) {
      different += expected.contains(one) ? 0 : 1;
    }
    assertEquals(
        expected.subList(first, end),
        trained.subList(first, end),
        "from " + first + ", " + different + " differ");
    assertEquals(expected.size(), trained.size());
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
  void trainsTheRecordedModel(String name) {
    var recorded = Golden.object(Golden.json(name + ".ids.json"));
    List<String> corpus =
        Arrays.asList(
            new String(Golden.bytes("corpus.txt"), StandardCharsets.UTF_8).split("\n", -1));
    SentencePieceModel expected = SentencePieceModel.parse(name, Golden.bytes(name + ".model"));
    SentencePieceModel trained =
        SentencePieceTrainer.train(corpus, options(Golden.object(recorded.get("trainer"))));
    same(lines(expected), lines(trained));
    assertEquals(expected.normalizer(), trained.normalizer());
    assertEquals(expected.algorithm(), trained.algorithm());
    assertEquals(expected.byteFallback(), trained.byteFallback());
    assertEquals(expected.pad(), trained.pad());
    assertEquals(expected.eos(), trained.eos());
  }

  @TestFactory
  Stream<DynamicTest> trainsTheRecordedModelsOfPublicCorpora() {
    return Golden.<Object>list(SharedData.json("train-ref/INDEX.json")).stream()
        .map(Golden::object)
        .filter(one -> one.containsKey("args"))
        // Japanese takes half a minute on a busy machine; -Dtokenizers.slow=true has it too.
        .filter(one ->
            Boolean.getBoolean("tokenizers.slow")
                || !one.get("name").toString().startsWith("wagahai_unigram"))
        .map(one -> DynamicTest.dynamicTest((String) one.get("name"), () -> checkPublic(one)));
  }

  private static void checkPublic(Map<String, Object> one) {
    var arguments = Golden.object(one.get("args"));
    String input = (String) arguments.get("input");
    String corpus = input.endsWith("en.txt") ? "corpora/c4-lines.txt" : input;
    List<String> lines =
        Arrays.asList(new String(SharedData.bytes(corpus), StandardCharsets.UTF_8).split("\n", -1));
    String tsv =
        new String(
            SharedData.bytes("train-ref/" + one.get("name") + ".tsv"), StandardCharsets.UTF_8);
    List<String> expected = new ArrayList<>();
    for (String row : tsv.lines().toList()) {
      String[] cells = row.split("\t", -1);
      String piece = (String) Golden.json(cells[0].getBytes(StandardCharsets.UTF_8));
      float score = Float.intBitsToFloat(Integer.parseUnsignedInt(cells[1], 16));
      expected.add(
          line(piece, score, SentencePieceModel.Type.values()[Integer.parseInt(cells[3]) - 1]));
    }
    long start = System.nanoTime();
    SentencePieceModel trained = SentencePieceTrainer.train(lines, options(arguments));
    System.out.println(
        one.get("name")
            + " "
            + (System.nanoTime() - start) / 1_000_000
            + " ms, was "
            + one.get("seconds")
            + " s");
    same(expected, lines(trained));
  }

  /// What sentencepiece 0.2.2 makes of these lines; which ones it draws changes from run to run.
  @Test
  void keepsTheBytesOfLinesThatTestTheModel() {
    List<byte[]> lines = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lines.add("hello world".getBytes(StandardCharsets.UTF_8));
      lines.add("hello there".getBytes(StandardCharsets.UTF_8));
    }
    for (int i = 0; i < 20; i++) {
      lines.add("bad \u00ff line".getBytes(StandardCharsets.ISO_8859_1));
      lines.add("\u00e3\u0081 cut".getBytes(StandardCharsets.ISO_8859_1));
    }
    lines.add("new \u6771\u4eac line".getBytes(StandardCharsets.UTF_8));
    SentencePieceOptions options =
        SentencePieceOptions.defaults()
            .with("vocab_size", "40")
            .with("hard_vocab_limit", "false")
            .with("self_test_sample_size", "8")
            .with("num_threads", "1")
            .with("character_coverage", "0.98");
    SentencePieceModel model =
        SentencePieceTrainer.trainUtf8(
            lines, options, TrainingRun.QUIET, SentencePieceTrainer.Origin.NONE);
    assertEquals(8, model.samples().size());
    Map<String, String> expected =
        Map.of(
            "hello world", "\u2581hello \u2581world",
            "hello there", "\u2581hello \u2581there",
            "bad \ufffd line", "\u2581bad \u2581\ufffd \u2581line",
            "\ufffd cut", "\u2581\ufffd\ufffd \u2581cut");
    int broken = 0;
    for (var sample : model.samples()) {
      assertEquals(expected.get(sample.input()), sample.expected(), sample.input());
      if (sample.input().startsWith("bad")) {
        assertArrayEquals(lines.get(40), sample.inputBytes());
        broken++;
      }
    }
    assertTrue(broken > 0, "none of the samples is no UTF-8");
  }

  @Test
  void refusesMorePiecesThanTheCorpusGives() {
    SentencePieceOptions options =
        SentencePieceOptions.defaults().with("vocab_size", "1000").with("model_type", "bpe");
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> SentencePieceTrainer.train(List.of("a b c ab"), options))
            .getMessage();
    assertTrue(message.contains("at most"), message);
    assertTrue(
        SentencePieceTrainer.train(List.of("a b c ab"), options.with("hard_vocab_limit", "false"))
                .size()
            < 20);
  }

  @Test
  void refusesOptionsThatAreNotThereOrOutOfRange() {
    SentencePieceOptions options = SentencePieceOptions.defaults();
    assertThrows(IllegalArgumentException.class, () -> options.with("vocabulary", "1"));
    assertThrows(IllegalArgumentException.class, () -> options.with("vocab_size", "x"));
    assertThrows(IllegalArgumentException.class, () -> options.with("character_coverage", "0.5"));
    assertThrows(IllegalArgumentException.class, () -> options.with("model_type", "wordpiece"));
    assertThrows(IllegalArgumentException.class, () -> options.with("byte_fallback", "perhaps"));
  }
}
