package dev.quintet.models.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.TinyModels;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.t5.T5;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("deferred")
class TextToTextTest {
  private static final List<String> PROMPTS =
      List.of("the quick brown fox", "", "jumps", "over the lazy dog and the other dogs", "the");

  private final Tokenizer tokenizer =
      Tokenizer.of(
          ByteBpeTrainer.of(300)
              .train(List.of("the quick brown fox jumps over the lazy dog", "the other dogs")));

  @TempDir Path temporary;

  @Test
  void anAnswerDoesNotDependOnItsNeighbours() {
    try (TextToText text = text()) {
      List<String> together = text.generate(PROMPTS);
      assertEquals(PROMPTS.size(), together.size());
      for (int i = 0; i < PROMPTS.size(); i++) {
        assertEquals(text.generate(PROMPTS.get(i)), together.get(i));
      }
    }
  }

  @Test
  void warmingUpChangesNoAnswer() {
    try (TextToText text = text()) {
      List<String> before = text.generate(PROMPTS);
      text.warmUp();
      assertEquals(before, text.generate(PROMPTS));
    }
  }

  @Test
  void savesAFolderThatGeneratesTheSame() {
    Path folder = temporary.resolve("model");
    List<String> expected;
    try (TextToText text = text()) {
      expected = text.generate(PROMPTS);
      text.withGeneration(text.generation().withMaxNewTokens(4)).save(folder);
    }
    assertTrue(Files.exists(folder.resolve("tokenizer.json")));
    try (TextToText text = TextToText.load(folder)) {
      assertEquals(5, text.generation().maxLength(1));
      assertEquals(expected, text.generate(PROMPTS, text.generation().withMaxNewTokens(20)));
    }
  }

  @Test
  void servesThreadsAtOnce() throws Exception {
    try (TextToText text = text();
        var threads = Executors.newFixedThreadPool(3)) {
      List<String> expected = text.generate(PROMPTS);
      var tasks = new ArrayList<Callable<List<String>>>();
      for (int i = 0; i < 6; i++) {
        tasks.add(() -> text.generate(PROMPTS));
      }
      for (var answer : threads.invokeAll(tasks)) {
        assertEquals(expected, answer.get());
      }
    }
  }

  @Test
  void whatIsStreamedIsTheAnswerWithoutHalfCharacters() {
    try (TextToText text = text()) {
      // Random weights give random bytes: most characters are broken, and some are whole.
      TextToText sampled =
          text.withGeneration(
              text.generation().with("do_sample", true).with("top_k", 0).withMaxNewTokens(60));
      for (int seed = 0; seed < 2; seed++) {
        TextOptions options = TextOptions.of(sampled.generation()).withSeed(seed).withBatch(2);
        var streamed = new ArrayList<StringBuilder>();
        PROMPTS.forEach(prompt -> streamed.add(new StringBuilder()));
        var answers =
            sampled.answers(
                PROMPTS,
                options.withListener((prompt, answer, piece) -> {
                  assertTrue(!piece.isEmpty());
                  streamed.get(prompt).append(piece);
                }));
        for (int i = 0; i < PROMPTS.size(); i++) {
          assertEquals(answers.get(i).getFirst().text(), streamed.get(i).toString());
        }
        assertEquals(answers.get(1).getFirst().text(), only(sampled, options.withFirst(1)));
      }
      var pieces = new ArrayList<String>();
      String answer = sampled.stream("the fox", pieces::add);
      assertEquals(answer, String.join("", pieces));
    }
  }

  private static String only(TextToText text, TextOptions options) {
    return text.answers(List.of(PROMPTS.get(1)), options).getFirst().getFirst().text();
  }

  @Test
  void aPieceWaitsForTheBytesOfItsCharacter() {
    var pieces = new ArrayList<String>();
    var text = new PieceText(tokenizer, new BitSet(), false, pieces::add);
    int[] ids = tokenizer.encode("a€b", false).ids();
    assertEquals(5, ids.length);
    for (int id : ids) {
      text.add(id);
    }
    text.end("a€b");
    assertEquals(List.of("a", "€", "b"), pieces);
  }

  @Test
  void anAnswerEndsBehindAStopStringWhichItKeeps() {
    try (TextToText text = text()) {
      for (int beams : new int[] {1, 3}) {
        GenerationConfig options =
            text.generation().with("num_beams", beams).with("suppress_tokens", notAscii());
        String free = text.generate(List.of("the fox"), options).getFirst();
        var letters = Pattern.compile("[ -~]").matcher(free);
        assertTrue(letters.find(), free);
        TextOptions ending = TextOptions.of(options.with("stop_strings", letters.group()));
        Answer cut = text.answers(List.of("the fox"), ending).getFirst().getFirst();
        assertTrue(cut.text().contains(letters.group()), cut.text());
        int[] before = Arrays.copyOf(cut.ids(), cut.ids().length - 1);
        assertTrue(!tokenizer.decode(before, true).contains(letters.group()), cut.text());
      }
    }
  }

  private int[] notAscii() {
    return IntStream.range(0, 384)
        .filter(id -> !tokenizer.decode(new int[] {id}, true).matches("[ -~]+"))
        .toArray();
  }

  @Test
  void givesAllSequencesOfBeamsWithTheirScores() {
    try (TextToText text = text()) {
      GenerationConfig options =
          text.generation().with("num_beams", 3).with("num_return_sequences", 2);
      var answers = text.answers(PROMPTS, TextOptions.of(options));
      for (int i = 0; i < PROMPTS.size(); i++) {
        assertEquals(2, answers.get(i).size());
        double best = answers.get(i).get(0).score().orElseThrow();
        assertTrue(best >= answers.get(i).get(1).score().orElseThrow());
        assertEquals(answers.get(i).getFirst().text(), text.generate(PROMPTS, options).get(i));
      }
    }
  }

  @Test
  void closingWaitsForCallsAndRefusesLaterOnes() throws Exception {
    TextToText text = text();
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var closed = new CountDownLatch(1);
    try (var threads = Executors.newFixedThreadPool(2)) {
      var answer =
          threads.submit(() ->
              text.stream(
                  "the fox",
                  piece -> {
                    begun.countDown();
                    try {
                      assertTrue(go.await(10, TimeUnit.SECONDS));
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  }));
      assertTrue(begun.await(10, TimeUnit.SECONDS));
      threads.submit(() -> {
        text.close();
        closed.countDown();
      });
      assertTrue(!closed.await(50, TimeUnit.MILLISECONDS), "closed while a call runs");
      go.countDown();
      assertTrue(answer.get(10, TimeUnit.SECONDS).length() > 0);
      assertTrue(closed.await(10, TimeUnit.SECONDS));
    }
    var e = assertThrows(IllegalStateException.class, () -> text.generate("the"));
    assertTrue(e.getMessage().contains("closed"), e.getMessage());
    text.close();
  }

  @Test
  void refusesToCloseFromWithinACallOfTheSameThread() {
    try (TextToText text = text()) {
      assertThrows(
          IllegalStateException.class, () -> text.stream("the fox", piece -> text.close()));
    }
  }

  @Test
  void cancellingEndsACall() {
    try (TextToText text = text()) {
      var e =
          assertThrows(
              CancellationException.class,
              () ->
                  text.answers(
                      PROMPTS, TextOptions.of(text.generation()).withCancelled(() -> true)));
      assertTrue(e.getMessage().contains("cancelled"), e.getMessage());
    }
  }

  @Test
  void refusesATokenizerOfMoreTokensThanTheModelHasRows() {
    try (T5 small = T5.create(TinyModels.v10(100), 1, Device.cpu())) {
      assertThrows(IllegalArgumentException.class, () -> TextToText.of(small, tokenizer));
    }
  }

  @Test
  void refusesATokenizerThatEndsNoTextWithTheModelsEnd() {
    byte[] bare =
        """
        {"model": {"type": "WordLevel", "vocab": {"a": 0, "</s>": 1, "b": 2}, "unk_token": "b"}}
        """
            .getBytes(StandardCharsets.UTF_8);
    Tokenizer endless = Tokenizer.of(TokenizerJson.parse("endless", bare));
    try (T5 model = T5.create(TinyModels.v11(384), 3, Device.cpu())) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> TextToText.of(model, endless))
              .getMessage();
      assertTrue(message.contains("id 1, got id 0"), message);
    }
  }

  private TextToText text() {
    return TextToText.of(
        T5.create(TinyModels.v11(384).withLayers(1, 1), 6, Device.cpu()), tokenizer);
  }
}
