package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.data.Pairs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
      assertFalse(result.stopped());
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
  void aModelOfSmallWeightsIsRefusedByName() {
    Path out = folder.resolve("run");
    Path saved = folder.resolve("model");
    try (TextToText made = TinyText.model(0, 1)) {
      made.save(saved);
    }
    for (Precision precision : new Precision[] {Precision.BF16, Precision.INT8}) {
      try (TextToText small = TextToText.load(saved, precision)) {
        var e =
            assertThrows(
                IllegalArgumentException.class,
                () -> Trainer.of(small).data(TinyText.pairs(8, 1), TinyText.pairs(4, 2)).run(out));
        assertTrue(e.getMessage().contains("stored as " + precision), e.getMessage());
        assertTrue(e.getMessage().contains("--weights f32"), e.getMessage());
      }
    }
    assertFalse(Files.exists(out));
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
  void aModelThatWasTrainedInPlaceGoesOnWhereItWasStopped() throws IOException {
    Path out = folder.resolve("out");
    TextToText text = TinyText.model(0, 1);
    assertTrue(frozen(text).stopWhen(() -> true).run(out).stopped());
    assertTrue(frozen(text).stopWhen(() -> true).resume().run(out).stopped());
    assertEquals(8, frozen(text).resume().run(out).stepsHere());
    assertEquals(0, frozen(text).resume().run(out).stepsHere());
    assertEquals(0, frozen(TinyText.model(0, 1)).resume().run(out).stepsHere());
    Path alone = folder.resolve("alone");
    frozen(TinyText.model(0, 1)).run(alone);
    Path weights = Path.of("last", "model.safetensors");
    assertEquals(-1, Files.mismatch(alone.resolve(weights), out.resolve(weights)));
    frozen(text).run(folder.resolve("other")); // trains it further, for another run
    var e = assertThrows(OtherRunException.class, () -> frozen(text).resume().run(out));
    assertTrue(e.getMessage().contains("as the run left it"), e.getMessage());
  }

  private static Trainer frozen(TextToText text) {
    return Trainer.of(text)
        .data(TinyText.pairs(40, 1), TinyText.pairs(9, 2))
        .steps(10)
        .freeze("encoder.*")
        .unfreeze(2, "encoder.*");
  }

  @Test
  void aRunInBfloat16EndsNearTheLossOfFloat32() {
    double[] losses = new double[2];
    for (DType type : List.of(DType.F32, DType.BF16)) {
      TrainingResult result =
          Trainer.of(TinyText.model(0, 1))
              .data(TinyText.pairs(64, 1), TinyText.pairs(16, 2))
              .steps(60)
              .learningRate(0.01)
              .type(type)
              .run(folder.resolve(type.name()));
      assertTrue(result.validation().getLast().loss() < 4, result.validation().toString());
      losses[type == DType.F32 ? 0 : 1] = result.validation().getLast().loss();
    }
    assertEquals(losses[0], losses[1], 0.02 * losses[0]);
  }

  @Test
  void aStoppedRunInBfloat16GoesOnBitForBitWithCheckpointingOrWithoutAndInNoOtherType()
      throws IOException {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    narrow().checkpointing(true).run(whole);
    assertTrue(narrow().stopWhen(() -> true).run(parts).stopped());
    var before = TinyText.bytes(parts);
    var e =
        assertThrows(OtherRunException.class, () -> narrow().type(DType.F32).resume().run(parts));
    assertTrue(e.getMessage().contains("another dtype (BF16, now F32)"), e.getMessage());
    assertEquals(before, TinyText.bytes(parts));
    assertEquals(5, narrow().checkpointing(true).resume().run(parts).stepsHere());
    for (String file :
        List.of(
            "last/model.safetensors",
            "checkpoints/step-6/model.safetensors",
            "checkpoints/step-6/optimizer.safetensors")) {
      assertEquals(-1, Files.mismatch(whole.resolve(file), parts.resolve(file)), file);
    }
    assertTrue(Files.readString(whole.resolve("last/config.json")).contains("\"bfloat16\""));
    Path wide = folder.resolve("wide");
    trainer(1).stopWhen(() -> true).run(wide);
    e = assertThrows(OtherRunException.class, () -> trainer(1).type(DType.BF16).resume().run(wide));
    assertTrue(e.getMessage().contains("another dtype (F32, now BF16)"), e.getMessage());
  }

  /// Six steps with dropout in bfloat16.
  private static Trainer narrow() {
    return Trainer.of(TinyText.model(0.1f, 1))
        .data(TinyText.pairs(40, 1), TinyText.pairs(9, 2))
        .steps(6)
        .type(DType.BF16);
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "best/notes.txt",
        "best/deep/er/notes.txt",
        "last/notes.txt",
        "checkpoints/notes.txt",
        "checkpoints/step-3/notes.txt",
        "log.jsonl",
        "best",
        "run.json/notes.txt",
        ".tmp-notes.2024-11",
        ".replaced-best/notes.txt"
      })
  void whatARunWouldWriteIsRefusedByNameAndStays(String name) throws IOException {
    Path out = folder.resolve("out");
    Path mine = out.resolve(name);
    Files.createDirectories(mine.getParent());
    Files.writeString(mine, "mine");
    for (Trainer trainer : List.of(trainer(1), trainer(1).resume())) {
      var e = assertThrows(OtherRunException.class, () -> trainer.run(out));
      String top = out.relativize(mine).getName(0).toString();
      assertTrue(e.getMessage().contains(out.resolve(top).toString()), e.getMessage());
    }
    assertEquals("mine", Files.readString(mine));
    assertEquals(1, TinyText.bytes(folder).size() + (name.equals("log.jsonl") ? 1 : 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "best/notes.txt",
        "best/deep/er/notes.txt",
        "last/.hidden",
        "checkpoints/notes.txt",
        "checkpoints/step-1/notes.txt"
      })
  void whatSomebodyPutIntoARunsFoldersIsRefusedByNameWhenItIsResumed(String name)
      throws IOException {
    Path out = folder.resolve("out");
    trainer(1).stopWhen(() -> true).run(out);
    Path mine = out.resolve(name);
    Files.createDirectories(mine.getParent());
    Files.writeString(mine, "mine");
    var before = TinyText.bytes(out);
    var e = assertThrows(OtherRunException.class, () -> trainer(1).resume().run(out));
    assertTrue(
        e.getMessage().contains(out.resolve(name).toString().split("/deep")[0]), e.toString());
    assertEquals(before, TinyText.bytes(out));
    Files.delete(mine);
    Files.createSymbolicLink(mine, folder);
    assertThrows(OtherRunException.class, () -> trainer(1).resume().run(out));
    assertTrue(Files.isSymbolicLink(mine));
  }

  @Test
  void whatSomebodyPutsThereWhileARunIsGoingStays() throws IOException {
    Path out = folder.resolve("out");
    trainer(1)
        .saveEvery(1)
        .evaluateEvery(1)
        .listener(
            new TrainingListener() {
              @Override
              public void stepped(StepReport report) {
                if (report.step() == 3) {
                  for (String name : List.of("best", "last", "checkpoints", "checkpoints/step-2")) {
                    try {
                      Files.createDirectories(out.resolve(name));
                      Files.writeString(out.resolve(name).resolve("notes.txt"), "mine");
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  }
                }
              }
            })
        .run(out);
    for (String name : List.of("best", "last", "checkpoints", "checkpoints/step-2")) {
      assertEquals("mine", Files.readString(out.resolve(name).resolve("notes.txt")), name);
    }
  }

  @Test
  void aFolderIsNamedAndIsAFolder() throws IOException {
    var e = assertThrows(IllegalArgumentException.class, () -> trainer(1).run(Path.of("")));
    assertTrue(e.getMessage().contains("empty name"), e.getMessage());
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThrows(OtherRunException.class, () -> trainer(1).run(file));
    assertThrows(OtherRunException.class, () -> trainer(1).resume().run(file));
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void aRecordThatIsNoneIsRefused() throws IOException {
    Path out = Files.createDirectory(folder.resolve("out"));
    Files.writeString(out.resolve("run.json"), "{\"steps\": 10}");
    var e = assertThrows(OtherRunException.class, () -> trainer(1).resume().run(out));
    assertTrue(e.getMessage().contains("is no record of a run"), e.getMessage());
    assertEquals("{\"steps\": 10}", Files.readString(out.resolve("run.json")));
  }

  @Test
  void oneRunAtATimeWritesInAFolder() throws IOException {
    Path out = folder.resolve("out");
    var refused = new ArrayList<String>();
    trainer(1)
        .listener(
            new TrainingListener() {
              @Override
              public void stepped(StepReport report) {
                if (report.step() < 3) {
                  var e = assertThrows(OtherRunException.class, () -> trainer(1).resume().run(out));
                  refused.add(e.getMessage());
                }
              }
            })
        .run(out);
    assertEquals(2, refused.size());
    assertTrue(refused.getLast().contains("another run is writing"), refused.getLast());
    assertEquals(0, trainer(1).resume().run(out).stepsHere());
  }

  @Test
  void numbersBeyondAnyRunAreRefusedByName() {
    Path out = folder.resolve("out");
    Map<String, UnaryOperator<Trainer>> huge =
        Map.of(
            "accumulation", t -> t.batchSize(1 << 20).accumulation(1 << 20),
            "batch size", t -> t.batchSize(Integer.MAX_VALUE),
            "steps", t -> t.steps(Long.MAX_VALUE),
            "steps, not", t -> t.epochs(9e8).steps(1L << 50),
            "tokens", t -> t.maxLengths(Integer.MAX_VALUE, Integer.MAX_VALUE));
    huge.forEach((name, change) -> {
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> change.apply(trainer(1)).run(out), name);
      assertTrue(e.getMessage().contains(name), e.getMessage());
    });
    assertFalse(Files.exists(out));
    assertEquals(2, trainer(1).batchSize(1 << 24).steps(2).run(out).steps());
  }

  @Test
  void freezingEverythingUntilTheEndIsRefused() {
    Path out = folder.resolve("out");
    List<Trainer> nothing =
        List.of(
            trainer(1).freeze("*"),
            trainer(1).freeze("shared.*", "encoder.*", "decoder.*"),
            trainer(1).freeze("*").unfreeze(10, "decoder.*"),
            trainer(1).freeze("*").unfreeze(1000, "*"),
            trainer(1).unfreeze(3, "decoder.*").freeze("*").steps(3));
    for (Trainer trainer : nothing) {
      var e = assertThrows(IllegalArgumentException.class, () -> trainer.run(out));
      assertTrue(e.getMessage().contains("frozen"), e.getMessage());
    }
    assertFalse(Files.exists(out));
    assertEquals(10, trainer(1).freeze("*").unfreeze(9, "decoder.block.1.*").run(out).steps());
  }

  @Test
  void theOwnersFreezingOfEverythingIsRefusedToo() {
    TextToText text = TinyText.model(0, 1);
    text.model().freeze("*");
    Trainer trainer = Trainer.of(text).data(TinyText.pairs(40, 1), TinyText.pairs(9, 2)).steps(3);
    assertThrows(IllegalArgumentException.class, () -> trainer.run(folder.resolve("out")));
  }

  @Test
  void resumingAsksThatAllOfTheModelAgree() {
    Path out = folder.resolve("out");
    trainer(1).stopWhen(() -> true).run(out);
    T5Config config = TinyText.model(0, 1).model().config();
    Map<String, T5Config> others =
        Map.of(
            "dense_act_fn", config.withFeedForward("gelu"),
            "scale_decoder_outputs", config.withHead(true, false),
            "dropout", config.withDropout(0.1f),
            "decoder_start_token_id", config.withIds(config.padId(), config.eosId(), 5));
    others.forEach((name, other) -> {
      var e = assertThrows(OtherRunException.class, () -> trainer(other).resume().run(out), name);
      assertTrue(e.getMessage().contains(name), e.getMessage());
    });
    var e = assertThrows(OtherRunException.class, () -> trainer(1).dropout(0.2).resume().run(out));
    assertTrue(e.getMessage().contains("another dropout (0.0, now 0.2)"), e.getMessage());
    assertEquals(9, trainer(1).dropout(0).resume().run(out).stepsHere());
  }

  private static Trainer trainer(T5Config config) {
    return Trainer.of(TextToText.of(T5.create(config, 1, Device.cpu()), TinyText.tokenizer()))
        .data(TinyText.pairs(40, 1), TinyText.pairs(9, 2))
        .steps(10)
        .learningRate(0.01)
        .seed(1);
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
