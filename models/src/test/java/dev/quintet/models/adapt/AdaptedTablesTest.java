package dev.quintet.models.adapt;

import static dev.quintet.models.TinyModels.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.lora.Lora;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.CheckpointException;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Adapters of the embedding's tables and of the head, which share a weight, and modules that are trained as a whole.
class AdaptedTablesTest {
  private static final String MAGNITUDE =
      "base_model.model.encoder.embed_tokens.lora_magnitude_vector";

  private T5 model = T5.create(TinyModels.v10(40).withLayers(4, 2), 3, Device.cpu());

  @AfterEach
  void close() {
    model.close();
  }

  private void take(T5Config config) {
    model.close();
    model = T5.create(config, 3, Device.cpu());
  }

  private float[] logits() {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      Tensor ids = TinyModels.ints(new int[][] {{5, 9, 17, 1}, {3, 39, 8, 1}});
      Tensor mask = TinyModels.ints(new int[][] {{1, 1, 1, 1}, {1, 1, 1, 1}});
      Tensor memory = model.encode(ids, mask, Pass.inference());
      Tensor before = TinyModels.ints(new int[][] {{0, 7, 30}, {0, 11, 2}});
      return model.logits(model.decode(before, memory, mask, Pass.inference())).toFloats();
    }
  }

  private Adapter disturbed(AdapterMethod method) {
    Adapter adapter = Adapters.of(model).add("tables", method, 1);
    long seed = 0;
    for (Parameter each : adapter.parameters().values()) {
      float[] values = each.toFloats();
      float[] noise = TinyModels.random(++seed, values.length);
      for (int i = 0; i < values.length; i++) {
        values[i] += noise[i] / 5;
      }
      each.set(values);
    }
    Adapters.of(model).use("tables");
    return adapter;
  }

  @ParameterizedTest
  @CsvSource({
    "embed_tokens, true, false",
    "embed_tokens, false, false",
    "lm_head, true, false",
    "embed_tokens, true, true",
    "embed_tokens, false, true",
    "lm_head, true, true"
  })
  void whatTablesAndHeadGetOfAnAdapterTheMergedModelHasEachForItself(
      String target, boolean tied, boolean decomposed) {
    if (!tied) {
      take(TinyModels.v11(40).withLayers(4, 2));
    }
    Lora lora = Lora.rank(3).withAlpha(5).on(target, "q");
    float[] plain = logits();
    disturbed(decomposed ? lora.withDecomposition() : lora);
    float[] adapted = logits();
    Adapters.of(model).merge("tables");
    assertNear(adapted, logits(), 1e-5);
    Adapters.of(model).unmerge();
    Adapters.of(model).useNone();
    assertArrayEquals(plain, logits());
  }

  @Test
  void peftWorksTheChangesOfAllIntoTheTableThatTheyShare() {
    Adapter adapter = disturbed(Lora.rank(3).withAlpha(6).on("embed_tokens", "lm_head", "q"));
    float[] table = model.parameters().get("shared.weight").toFloats();
    double[] expected = new double[table.length];
    for (int i = 0; i < table.length; i++) {
      expected[i] = table[i];
    }
    int width = model.config().modelWidth();
    for (String path : List.of("encoder.embed_tokens", "decoder.embed_tokens", "lm_head")) {
      boolean head = path.equals("lm_head");
      String a = "base_model.model." + path + (head ? ".lora_A.weight" : ".lora_embedding_A");
      String b = "base_model.model." + path + (head ? ".lora_B.weight" : ".lora_embedding_B");
      float[] down = adapter.parameters().get(a).toFloats();
      float[] up = adapter.parameters().get(b).toFloats();
      for (int id = 0; id < 40; id++) {
        for (int d = 0; d < width; d++) {
          for (int r = 0; r < 3; r++) {
            expected[id * width + d] +=
                2.0
                    * (head
                        ? up[id * 3 + r] * down[r * width + d]
                        : up[d * 3 + r] * down[r * 40 + id]);
          }
        }
      }
    }
    Map<String, float[]> merged = Adapters.of(model).sharedAsPeftMerges("tables");
    assertEquals(List.of("shared.weight"), List.copyOf(merged.keySet()));
    float[] found = merged.get("shared.weight");
    float[] wanted = new float[found.length];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = (float) expected[i];
    }
    assertNear(wanted, found, 1e-6);
    assertArrayEquals(table, model.parameters().get("shared.weight").toFloats());
  }

  @Test
  void aNewDoraOfAnEmbeddingChangesNothingAndLearnsTheNormsOfColumns() {
    float[] plain = logits();
    Adapter adapter =
        Adapters.of(model)
            .add("tables", Lora.rank(2).withDecomposition().on("encoder.embed_tokens"), 1);
    Adapters.of(model).use("tables");
    assertNear(plain, logits(), 1e-6);
    float[] table = model.parameters().get("shared.weight").toFloats();
    float[] norms = adapter.parameters().get(MAGNITUDE).toFloats();
    assertEquals(model.config().modelWidth(), norms.length);
    double first = 0;
    for (int id = 0; id < 40; id++) {
      first += Math.pow(table[id * norms.length], 2);
    }
    assertEquals(Math.sqrt(first), norms[0], 1e-5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"encoder.embed_tokens", "q"})
  void doraComputesItsNormsAnewWhereWhatTheyAreOfHasChanged(String target) {
    Lora dora = Lora.rank(2).withDecomposition().on(target);
    Adapter adapter = disturbed(dora);
    Map<String, Parameter> own = adapter.parameters();
    String b = own.keySet().stream().filter(name -> name.contains("_B")).findFirst().orElseThrow();
    float[] before = logits();
    float[] values = own.get(b).toFloats();
    own.get(b).set(TinyModels.random(99, values.length));
    float[] changed = logits();
    // as an adapter computes it that never had other numbers
    Adapter fresh = Adapters.of(model).add("fresh", dora, 2);
    own.forEach((name, parameter) -> fresh.parameters().get(name).set(parameter));
    Adapters.of(model).use("fresh");
    assertArrayEquals(logits(), changed);
    Adapters.of(model).use("tables");
    own.get(b).set(values);
    assertArrayEquals(before, logits());
  }

  @ParameterizedTest
  @CsvSource({"embed_tokens, true", "encoder.embed_tokens, true", "decoder.embed_tokens, false"})
  void aModelWithAMergedEmbeddingIsSavedWithAllItsTablesAndLoadsAgain(
      String target, boolean tied, @TempDir Path folder) {
    if (!tied) {
      take(TinyModels.v11(40));
    }
    disturbed(Lora.rank(2).on(target, "q"));
    float[] adapted = logits();
    Adapters.of(model).merge("tables");
    Checkpoint.save(model, folder);
    model.close();
    model = Checkpoint.load(folder);
    assertNear(adapted, logits(), 1e-5);
    float[] loaded = logits();
    assertTrue(model.parameters().containsKey("encoder.embed_tokens.weight"));
    assertEquals(!tied, model.parameters().containsKey("lm_head.weight"));
    Path again = folder.resolve("again");
    Checkpoint.save(model, again);
    model.close();
    model = Checkpoint.load(again);
    assertArrayEquals(loaded, logits());
    Path encoder = folder.resolve("again");
    assertThrows(
        CheckpointException.class, () -> Checkpoint.loadEncoder(encoder, LoadOptions.DEFAULT));
  }

  private AdapterMethod method(String json) {
    return AdapterMethods.of(JsonObject.parse("a test", json));
  }

  @Test
  void aWordOfModulesToSaveMayBeginWithinAName() {
    Adapter adapter =
        Adapters.of(model)
            .add(
                "whole",
                method("{\"method\": \"lora\", \"modules_to_save\": [\"layer_norm\"]}"),
                1);
    assertTrue(
        adapter.parameters().containsKey("base_model.model.encoder.final_layer_norm.weight"));
    assertTrue(
        adapter
            .parameters()
            .containsKey("base_model.model.encoder.block.0.layer.0.layer_norm.weight"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "p-tuning", "prefix"})
  void whatIsTrainedAsAWholeBesideVirtualTokensIsCalledAsInPeft(String name, @TempDir Path folder) {
    var adapters = Adapters.of(model);
    Adapter adapter =
        adapters.add(
            "whole",
            method(
                "{\"method\": \"%s\", \"tokens\": 2, \"modules_to_save\": [\"lm_head\"]}"
                    .formatted(name)),
            1);
    assertTrue(adapter.parameters().containsKey("base_model.lm_head.weight"));
    adapters.use("whole");
    float[] before = logits();
    adapters.save("whole", folder);
    adapters.load("again", folder);
    adapters.use("again");
    assertNear(before, logits(), 1e-6);
  }

  @Test
  void aModuleIsAdaptedOrTrainedAsAWhole() {
    // "o" is the end of "wo" too
    var both =
        method("{\"method\": \"lora\", \"targets\": [\"wo\"], \"modules_to_save\": [\"o\"]}");
    String message =
        assertThrows(AdapterException.class, () -> Adapters.of(model).add("both", both, 1))
            .getMessage();
    assertTrue(message.contains("modules_to_save"), message);
    assertEquals(List.of(), Adapters.of(model).names());
  }
}
