package dev.quintet.models.adapt.prompt;

import static dev.quintet.models.TinyModels.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.GoldenFolders;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Virtual tokens that peft saved, beside what it computed with them.
class RecordedPromptsTest {
  @ParameterizedTest
  @CsvSource({"prompt,false", "prompt,true", "prefix,false", "prefix,true"})
  void whatPeftComputedIsComputedHere(String method, boolean checkpointing) {
    Path folder = GoldenFolders.of("t5-v1.0").resolveSibling("peft").resolve(method);
    try (T5 model = Checkpoint.load(GoldenFolders.of("t5-v1.0"));
        var file = SafetensorsFile.open(folder.resolve("forward.safetensors"));
        var training = SafetensorsFile.open(folder.resolve("adapter_training.safetensors"))) {
      model.checkpointing(checkpointing);
      Adapter adapter = Adapters.of(model).load("recorded", folder);
      Adapters.of(model).use("recorded");
      assertEquals(List.of(), adapter.notes());
      adapter.train(true);
      try (var _ = Scope.open(Device.cpu())) {
        T5.Result result =
            model.loss(
                ints(file, "input_ids"),
                ints(file, "attention_mask"),
                ints(file, "labels"),
                Pass.inference(),
                CrossEntropyOptions.MEAN);
        assertNear(file.floats("logits"), result.logits().toFloats(), 1e-5);
        assertEquals(file.floats("loss")[0], result.loss().item(), 6e-6);
        result.loss().backward();
      }
      Parameter own = adapter.parameters().values().iterator().next();
      assertEquals(List.of("prompt_embeddings"), List.copyOf(adapter.parameters().keySet()));
      float[] expected = training.floats("grad.prompt_encoder.embedding.weight");
      assertNear(expected, own.gradient().toFloats(), 1e-4);
      int[][] ids =
          JsonObject.read(folder.resolve("adapter_training.json"))
              .integerRows("greedy_ids")
              .orElseThrow();
      var config = GenerationConfig.of(model.config()).with("max_new_tokens", 12);
      assertArrayEquals(
          ids,
          Generator.of(model)
              .generate(rows(file, "input_ids"), rows(file, "attention_mask"), config));
    }
  }

  private static Tensor ints(SafetensorsFile file, String name) {
    return Tensor.ofInts(file.entry(name).shape(), file.ints(name));
  }

  private static int[][] rows(SafetensorsFile file, String name) {
    int[] all = file.ints(name);
    int width = file.entry(name).shape().dim(1);
    int[][] rows = new int[all.length / width][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * width, (i + 1) * width));
    return rows;
  }
}
