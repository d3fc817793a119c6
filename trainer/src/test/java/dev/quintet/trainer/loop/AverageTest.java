package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.optim.Ema;
import dev.quintet.trainer.optim.OptimizerSettings;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.schedule.ScheduleSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("deferred")
class AverageTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "lamb", "muon"})
  void aRunThatWasStoppedGoesOnWithItsAverageAndItsRatesBitForBit(String optimizer)
      throws IOException {
    Path whole = folder.resolve("whole");
    try (TextToText text = TinyText.model(0.1f, 4)) {
      trainer(text, optimizer).run(whole);
    }
    Path cut = folder.resolve("cut");
    var asked = new AtomicInteger();
    try (TextToText text = TinyText.model(0.1f, 4)) {
      TrainingResult result =
          trainer(text, optimizer).stopWhen(() -> asked.incrementAndGet() == 4).run(cut);
      assertTrue(result.stopped());
    }
    try (TextToText text = TinyText.model(0.1f, 4)) {
      trainer(text, optimizer).resume().run(cut);
    }
    Map<String, Integer> files = TinyText.bytes(whole);
    Map<String, Integer> again = TinyText.bytes(cut);
    for (String name : new String[] {"ema/model.safetensors", "last/model.safetensors"}) {
      assertEquals(Objects.requireNonNull(files.get(name)), again.get(name), name);
    }
    assertNotEquals(files.get("ema/model.safetensors"), files.get("last/model.safetensors"));
    assertTrue(Files.readString(cut.resolve("checkpoints/step-8/state.json")).contains("ema_loss"));
    try (TextToText average = TextToText.load(whole.resolve("ema"))) {
      assertTrue(average.model().parameterCount() > 0);
    }
  }

  @Test
  void anAverageChangesNothingOfTheRun() throws IOException {
    try (TextToText text = TinyText.model(0.1f, 4)) {
      trainer(text, "adamw").run(folder.resolve("with"));
    }
    try (TextToText text = TinyText.model(0.1f, 4)) {
      plain(text, "adamw").run(folder.resolve("without"));
    }
    assertEquals(
        Objects.requireNonNull(
            TinyText.bytes(folder.resolve("with")).get("last/model.safetensors")),
        TinyText.bytes(folder.resolve("without")).get("last/model.safetensors"));
  }

  @Test
  void aFolderOfSomebodyElseIsNotTakenForTheAverage() throws IOException {
    Path out = folder.resolve("out");
    Files.createDirectories(out.resolve("ema"));
    Files.writeString(out.resolve("ema/mine.txt"), "mine");
    try (TextToText text = TinyText.model(0, 4)) {
      assertThrows(OtherRunException.class, () -> trainer(text, "adamw").run(out));
      assertEquals("mine", Files.readString(out.resolve("ema/mine.txt")));
    }
  }

  @Test
  void aStepThatIsNotFiniteEndsTheRunWhereThatIsAsked() {
    try (TextToText text = TinyText.model(0, 4)) {
      Objects.requireNonNull(text.model().parameters().get("encoder.final_layer_norm.weight"))
          .set(nan(16));
      Trainer failing = plain(text, "adamw").notFinite(UpdateRule.NotFinite.FAIL);
      var thrown =
          assertThrows(TrainingException.class, () -> failing.run(folder.resolve("failing")));
      assertTrue(thrown.getMessage().startsWith("step 1: loss NaN"), thrown.getMessage());
    }
  }

  private static float[] nan(int count) {
    float[] values = new float[count];
    Arrays.fill(values, Float.NaN);
    return values;
  }

  private static Trainer trainer(TextToText text, String optimizer) {
    return plain(text, optimizer).ema(new Ema.Options(0.9, true));
  }

  private static Trainer plain(TextToText text, String optimizer) {
    var rates = new LinkedHashMap<String, Double>();
    rates.put("decoder.*", 0.5);
    return Trainer.of(text)
        .data(TinyText.pairs(40, 2), TinyText.pairs(6, 3))
        .batchSize(4)
        .steps(8)
        .optimizer(OptimizerSettings.named(optimizer))
        .rate(ScheduleSettings.named("warmup_stable_decay", 1e-2, 2))
        .rates(rates)
        .layerDecay(0.8)
        .labelSmoothing(0.1)
        .zLoss(1e-4)
        .saveEvery(3)
        .evaluateEvery(4);
  }
}
