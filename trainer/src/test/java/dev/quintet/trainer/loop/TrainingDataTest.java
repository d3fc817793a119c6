package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.TextPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingDataTest {
  @TempDir Path folder;

  @Test
  void pairsMadeAnewForEachEpochAreTheSameWhereARunGoesOn() throws IOException {
    var asked = new ArrayList<Long>();
    Path alone = folder.resolve("alone");
    anew(asked).run(alone);
    assertEquals(List.of(0L, 1L, 2L), asked.stream().distinct().toList());
    Path stopped = folder.resolve("stopped");
    for (long stop : List.of(3L, 7L, 100L)) {
      var steps = new long[1];
      anew(new ArrayList<>())
          .resume()
          .listener(
              new TrainingListener() {
                @Override
                public void stepped(StepReport report) {
                  steps[0] = report.step();
                }
              })
          .stopWhen(() -> steps[0] == stop)
          .run(stopped);
    }
    assertEquals(weights(alone), weights(stopped));
    assertThrows(
        IllegalArgumentException.class,
        () -> anew(asked).packing(true).run(folder.resolve("other")));
  }

  private static Trainer anew(List<Long> asked) {
    return Trainer.of(TinyText.model(0.1f, 1))
        .eachEpoch(
            epoch -> {
              asked.add(epoch);
              return TinyText.pairs(12, epoch);
            },
            Pairs.of(List.of()))
        .epochs(3)
        .batchSize(4)
        .saveEvery(100);
  }

  private static int weights(Path out) throws IOException {
    return java.util.Arrays.hashCode(Files.readAllBytes(out.resolve("last/model.safetensors")));
  }

  @Test
  void theStartSaysHowManySourcesAndTargetsAreCut() {
    var seen = new ArrayList<TrainingData>();
    Pairs train =
        Pairs.of(
            List.of(
                new TextPair("red", "up"),
                new TextPair("one two three left", "blue green red"),
                new TextPair("", "one two three one two three")));
    Pairs validation = Pairs.of(List.of(new TextPair("red", "one two three left")));
    try (TextToText text = TinyText.model(0, 1)) {
      int longest = text.tokenizer().encode("one two three one two three").size();
      Trainer.of(text)
          .data(train, validation)
          .maxLengths(64, 3)
          .steps(1)
          .listener(
              new TrainingListener() {
                @Override
                public void prepared(TrainingData data) {
                  seen.add(data);
                }
              })
          .run(folder);
      TrainingData data = seen.getFirst();
      assertEquals(2, data.train().targets().orElseThrow().cut());
      assertEquals(longest, data.train().targets().orElseThrow().longest());
      assertEquals(
          List.of(
              "training data: 1 of 3 sources are empty",
              "training data: 2 of 3 targets are cut to 3 tokens (max_target); the longest has "
                  + longest,
              "validation data: 1 of 1 targets are cut to 3 tokens (max_target); the longest has "
                  + text.tokenizer().encode("one two three left").size()),
          data.remarks());
    }
  }

  @Test
  void nullAtAPublicDoorNamesTheArgument() {
    try (TextToText text = TinyText.model(0, 1)) {
      Trainer trainer = Trainer.of(text);
      Pairs pairs = TinyText.pairs(3, 1);
      List<Runnable> calls =
          List.of(
              () -> Trainer.of(null),
              () -> trainer.data(null),
              () -> trainer.data(null, pairs),
              () -> trainer.data(pairs, null),
              () -> trainer.documents(null, List.of()),
              () -> trainer.schedule(null),
              () -> trainer.optimizer(null),
              () -> trainer.listener(null),
              () -> trainer.stopWhen(null),
              () -> trainer.run(null),
              () -> Pairs.of(null),
              () -> Pairs.jsonl(null, "a", "b"),
              () -> Pairs.jsonl(folder, null, "b"),
              () -> new TextPair("a", null));
      for (Runnable call : calls) {
        var e = assertThrows(NullPointerException.class, call::run);
        assertTrue(e.getMessage().matches("[a-z]+"), e.getMessage());
      }
    }
  }
}
