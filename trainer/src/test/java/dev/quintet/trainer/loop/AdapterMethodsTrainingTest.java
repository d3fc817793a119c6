package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.adapt.AdapterMethods;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterMethodsTrainingTest {
  private static final int STEPS = 8;

  @TempDir Path folder;

  /// What is saved loads again and gives the loss that was measured; a run that was stopped ends with the same bytes, also
  /// where it looks back at a best model whose files hold something else than what trains.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"method\": \"dora\", \"rank\": 2, \"dropout\": 0.1, \"modules_to_save\": [\"lm_head\"]}",
        "{\"method\": \"adalora\", \"rank\": 4, \"target_r\": 2, \"tinit\": 1, \"tfinal\": 2}",
        "{\"method\": \"ia3\"}",
        "{\"method\": \"ln\"}",
        "{\"method\": \"prompt\", \"tokens\": 3}",
        "{\"method\": \"prompt\", \"tokens\": 3, \"init\": \"TEXT\", \"text\": \"abc\"}",
        "{\"method\": \"p-tuning\", \"tokens\": 3}",
        "{\"method\": \"prefix\", \"tokens\": 3, \"projection\": true}",
        "{\"method\": \"bottleneck\"}"
      })
  void everyMethodIsTrainedSavedAndGoesOn(String json) throws IOException {
    AdapterMethod method = AdapterMethods.of(JsonObject.parse("the test", json));
    Path whole = folder.resolve("whole");
    TrainingResult result = trainer(method).run(whole);
    try (TextToText text = TinyText.model(0.1f, 1)) {
      Adapters adapters = Adapters.of(text.model());
      adapters.load("last", whole.resolve("last"));
      adapters.use("last");
      double loss = Trainer.of(text).maxLengths(32, 8).evaluate(TinyText.pairs(6, 2)).loss();
      assertEquals(result.validation().getLast().loss(), loss, 1e-4);
    }
    Path cut = folder.resolve("cut");
    var steps = new int[1];
    trainer(method).stopWhen(() -> ++steps[0] == 5).run(cut);
    trainer(method).resume().run(cut);
    Map<String, Integer> one = TinyText.bytes(whole);
    Map<String, Integer> other = TinyText.bytes(cut);
    one.forEach((name, sum) -> {
      if (name.startsWith("last/") && !name.endsWith(".json")
          || name.startsWith("checkpoints/step-" + STEPS + "/") && name.endsWith(".safetensors")) {
        assertEquals(sum, other.get(name), name);
      }
    });
    Objects.requireNonNull(one.get("last/adapter_model.safetensors"));
    String config = Files.readString(whole.resolve("last/adapter_config.json"));
    if (method.name().equals("adalora")) {
      assertTrue(config.contains("\"total_step\": " + STEPS), config);
      assertTrue(config.contains("rank_pattern") && config.contains(".lora_E"), config);
    }
    assertFalse(Files.exists(whole.resolve("last/model.safetensors")));
  }

  @Test
  void theBestOfAPrefixThatANetworkMakesIsPutBackForTheTestPart() {
    AdapterMethod method =
        AdapterMethods.of(
            JsonObject.parse(
                "the test", "{\"method\": \"prefix\", \"tokens\": 3, \"projection\": true}"));
    Path out = folder.resolve("out");
    TrainingResult result =
        trainer(method).learningRate(3).test(TinyText.pairs(6, 2)).evaluateEvery(1).run(out);
    assertTrue(result.bestStep() < STEPS, "the rate is to be too high: " + result.validation());
    double best =
        result.validation().stream().mapToDouble(TrainingResult.Validation::loss).min().orElse(0);
    assertEquals(best, result.test().orElseThrow().loss(), 1e-5);
    TrainingResult warm = trainer(method).warmStart(out, false).run(folder.resolve("warm"));
    assertEquals(best, warm.validation().getFirst().loss(), 1e-5);
  }

  @Test
  void virtualTokensAndPackingExcludeEachOther() {
    AdapterMethod method =
        AdapterMethods.of(JsonObject.parse("the test", "{\"method\": \"prompt\", \"tokens\": 3}"));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> trainer(method).packing(true).run(folder.resolve("out")));
    assertTrue(e.getMessage().contains("virtual tokens before each row"), e.getMessage());
  }

  private static Trainer trainer(AdapterMethod method) {
    return Trainer.of(TinyText.model(0.1f, 1))
        .data(TinyText.pairs(24, 1), TinyText.pairs(6, 2))
        .adapter(method)
        .maxLengths(32, 8)
        .steps(STEPS)
        .evaluateEvery(4)
        .learningRate(0.01);
  }
}
