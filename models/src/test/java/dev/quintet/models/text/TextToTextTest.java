package dev.quintet.models.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.TinyModels;
import dev.quintet.models.t5.T5;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void refusesATokenizerOfMoreTokensThanTheModelHasRows() {
    try (T5 small = T5.create(TinyModels.v10(100), 1, Device.cpu())) {
      assertThrows(IllegalArgumentException.class, () -> TextToText.of(small, tokenizer));
    }
  }

  private TextToText text() {
    return TextToText.of(T5.create(TinyModels.v11(384), 6, Device.cpu()), tokenizer);
  }
}
