package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.data.Pairs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  @TempDir Path folder;

  @Test
  void fineTunesOnPairsAndKeepsModelsThatCanBeUsed() throws IOException {
    Path out = folder.resolve("out");
    Path file = TinyText.jsonl(folder.resolve("train.jsonl"), 100, 1);
    try (TextToText t5 = TinyText.model(0, 1)) {
      t5.model().freeze("*").train("decoder.block.1.*", "lm_head.*");
      TrainingResult result =
          Trainer.of(t5)
              .data(Pairs.jsonl(file, "question", "answer").split(0.8, 0.1, 0.1))
              .epochs(3)
              .learningRate(3e-3)
              .run(out);
      assertEquals(30, result.steps());
      assertFalse(result.interrupted());
      double first = result.validation().getFirst().loss();
      assertTrue(result.validation().getLast().loss() < first);
      long trained = t5.model().parameters().get("shared.weight").elements();
      assertTrue(result.optimizerBytes() > 8 * trained);
      assertTrue(result.optimizerBytes() < 8 * t5.model().parameterCount());
      try (var last = TextToText.load(out.resolve("last"));
          var best = TextToText.load(out.resolve("best"))) {
        assertEquals(t5.generate("red green"), last.generate("red green"));
        assertEquals(1, best.generate(List.of("blue")).size());
      }
    }
    assertEquals(
        30,
        Files.readAllLines(out.resolve("log.jsonl")).stream()
            .filter(line -> line.contains("\"norm\""))
            .count());
  }

  @Test
  void aFolderThatHoldsARunIsRefusedUnlessItIsResumed() throws IOException {
    Path out = folder.resolve("out");
    trainer(1).stopWhen(() -> true).run(out);
    var before = TinyText.bytes(out);
    var e = assertThrows(OtherRunException.class, () -> trainer(1).run(out));
    assertTrue(e.getMessage().contains("--resume"), e.getMessage());
    e = assertThrows(OtherRunException.class, () -> trainer(2).resume().run(out));
    assertTrue(e.getMessage().contains("seed"), e.getMessage());
    assertThrows(OtherRunException.class, () -> trainer(1).learningRate(0.02).resume().run(out));
    assertThrows(
        OtherRunException.class,
        () -> trainer(1).data(TinyText.pairs(41, 1), TinyText.pairs(9, 2)).resume().run(out));
    assertEquals(before, TinyText.bytes(out));
    assertEquals(9, trainer(1).resume().run(out).stepsHere());
    assertEquals(0, trainer(1).resume().run(out).stepsHere());
  }

  @Test
  void resumingWhereNothingWasSavedStartsFromTheBeginning() {
    assertEquals(10, trainer(1).resume().run(folder.resolve("out")).stepsHere());
  }

  @Test
  void otherFilesInTheFolderAreNoObstacle() throws IOException {
    Path out = Files.createDirectories(folder.resolve("out"));
    Files.writeString(out.resolve("notes.txt"), "mine");
    assertEquals(10, trainer(1).run(out).steps());
    assertEquals("mine", Files.readString(out.resolve("notes.txt")));
  }

  @Test
  void withoutValidationTheLastModelCountsAsTheBest() throws IOException {
    Path out = folder.resolve("out");
    trainer(1).data(TinyText.pairs(40, 1), Pairs.of(List.of())).run(out);
    assertEquals(TinyText.bytes(out.resolve("last")), TinyText.bytes(out.resolve("best")));
  }

  @Test
  void learnsFromRunningTextBySpanCorruption() {
    Path out = folder.resolve("out");
    List<String> documents =
        TinyText.pairs(200, 5).list().stream().map(pair -> pair.source()).toList();
    TrainingResult result =
        trainer(1)
            .documents(documents, documents.subList(0, 30))
            .maxLengths(32, 32)
            .steps(30)
            .run(out);
    double first = result.validation().getFirst().loss();
    assertTrue(result.validation().getLast().loss() < first - 0.5, result.toString());
  }

  @Test
  void wrongPatternsAndMissingDataAreFoundBeforeAnythingIsWritten() {
    Path out = folder.resolve("out");
    assertThrows(IllegalArgumentException.class, () -> trainer(1).unfreeze(5, "encodr.*").run(out));
    assertThrows(
        IllegalArgumentException.class,
        () -> trainer(1).data(Pairs.of(List.of()), Pairs.of(List.of())).run(out));
    assertThrows(IllegalArgumentException.class, () -> trainer(1).batchSize(0).run(out));
    assertThrows(IllegalArgumentException.class, () -> trainer(1).epochs(0));
    assertFalse(Files.exists(out));
  }

  private static Trainer trainer(long seed) {
    return Trainer.of(TinyText.model(0, 1))
        .data(TinyText.pairs(40, 1), TinyText.pairs(9, 2))
        .steps(10)
        .learningRate(0.01)
        .seed(seed);
  }
}
