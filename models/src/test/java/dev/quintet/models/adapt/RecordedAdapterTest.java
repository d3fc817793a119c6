package dev.quintet.models.adapt;

import static dev.quintet.models.TinyModels.assertNear;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.GoldenFolders;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Adapters that peft saved, beside what it computed with them.
class RecordedAdapterTest {
  private static final Pass PASS = Pass.inference();

  private static Path folder(String method) {
    try {
      return Objects.requireNonNull(
          Path.of(
                  Objects.requireNonNull(
                          RecordedAdapterTest.class.getResource(
                              "/golden/peft/" + method + "/adapter_config.json"),
                          method)
                      .toURI())
              .getParent());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Tensor ints(SafetensorsFile file, String name) {
    return Tensor.ofInts(file.entry(name).shape(), file.ints(name));
  }

  private static T5.Result result(T5 model, SafetensorsFile file) {
    return model.loss(
        ints(file, "input_ids"),
        ints(file, "attention_mask"),
        ints(file, "labels"),
        PASS,
        CrossEntropyOptions.MEAN);
  }

  private static void assertLogits(T5 model, SafetensorsFile file) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      T5.Result result = result(model, file);
      int[] labels = file.ints("labels");
      float[] expected = file.floats("logits");
      float[] found = result.logits().toFloats();
      int vocabulary = model.config().vocabSize();
      for (int i = 0; i < expected.length; i++) {
        if (labels[i / vocabulary] == -100) {
          expected[i] = 0;
          found[i] = 0;
        }
      }
      assertNear("logits", expected, found, 1e-5);
      float loss = file.floats("loss")[0];
      assertEquals(loss, result.loss().item(), 1e-6 * loss);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lora",
        "lora-all-rs",
        "lora-patterns",
        "lora-regex",
        "dora",
        "adalora",
        "ia3",
        "ln"
      })
  void whatPeftComputedIsComputedHere(String method) {
    Path folder = folder(method);
    try (T5 model = Checkpoint.load(GoldenFolders.of("t5-v1.0"));
        var forward = SafetensorsFile.open(folder.resolve("forward.safetensors"));
        var training = SafetensorsFile.open(folder.resolve("adapter_training.safetensors"))) {
      Adapters adapters = Adapters.of(model);
      Adapter adapter = adapters.load("recorded", folder);
      assertEquals(List.of(), adapter.notes());
      adapters.use("recorded");
      assertLogits(model, forward);
      assertGreedy(model, folder, forward);
      assertGradients(model, adapter, forward, training);
    }
  }

  private static void assertGreedy(T5 model, Path folder, SafetensorsFile forward) {
    JsonObject recorded = JsonObject.read(folder.resolve("adapter_training.json"));
    int[][] expected = recorded.integerRows("greedy_ids").orElseThrow();
    int[][] found =
        Generator.of(model)
            .generate(
                rows(forward, "input_ids"),
                rows(forward, "attention_mask"),
                GenerationConfig.of(model.config())
                    .with("max_new_tokens", 12)
                    .with("min_new_tokens", 12));
    for (int row = 0; row < expected.length; row++) {
      assertArrayEquals(expected[row], found[row], "row " + row);
    }
  }

  private static int[][] rows(SafetensorsFile file, String name) {
    int length = Math.toIntExact(file.entry(name).dims()[1]);
    int[] flat = file.ints(name);
    int[][] rows = new int[flat.length / length][length];
    for (int i = 0; i < flat.length; i++) {
      rows[i / length][i % length] = flat[i];
    }
    return rows;
  }

  private static void assertGradients(
      T5 model, Adapter adapter, SafetensorsFile forward, SafetensorsFile training) {
    adapter.train(true);
    var base = new TreeSet<String>();
    try (var _ = Scope.open(Device.cpu())) {
      Tensor loss = result(model, forward).loss();
      adapter.penalty().map(loss::add).orElse(loss).backward();
      adapter
          .parameters()
          .forEach((name, parameter) ->
              assertNear(
                  name, training.floats(recorded(training, name)), gradient(parameter), 1e-4));
      model
          .parameters()
          .forEach((name, parameter) -> {
            if (parameter.hasGradient()) {
              base.add(name);
            }
          });
    }
    assertEquals(adapter.parameters().size(), base.size());
    model.zeroGradients();
  }

  private static float[] gradient(Parameter parameter) {
    return parameter.gradient().toFloats();
  }

  private static String recorded(SafetensorsFile training, String name) {
    String inMemory = "grad." + name.replaceFirst("^base_model\\.model\\.", "");
    return training.contains(inMemory) ? inMemory : inMemory + ".weight";
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora", "dora", "ia3", "ln"})
  void whatIsMergedIsAsPeftMergesItAndComesOutAgainToTheBit(String method) {
    Path folder = folder(method);
    try (T5 model = Checkpoint.load(GoldenFolders.of("t5-v1.0"));
        var forward = SafetensorsFile.open(folder.resolve("forward.safetensors"));
        var training = SafetensorsFile.open(folder.resolve("adapter_training.safetensors"))) {
      Map<String, float[]> before = values(model);
      Adapters adapters = Adapters.of(model);
      adapters.load("recorded", folder);
      adapters.merge("recorded");
      assertEquals(before.keySet(), model.parameters().keySet());
      var changed = new TreeSet<String>();
      values(model)
          .forEach((name, now) -> {
            if (training.contains("merged." + name)) {
              assertNear(name, training.floats("merged." + name), now, 1e-6);
            }
            if (!Arrays.equals(now, before.get(name))) {
              changed.add("merged." + name);
            }
          });
      assertEquals(
          training.names().stream()
              .filter(name -> name.startsWith("merged."))
              .collect(Collectors.toCollection(TreeSet::new)),
          changed);
      assertLogits(model, forward);
      adapters.unmerge();
      adapters.use("recorded");
      assertLogits(model, forward);
      adapters.remove("recorded");
      values(model).forEach((name, now) -> assertArrayEquals(before.get(name), now, name));
    }
  }

  private static Map<String, float[]> values(T5 model) {
    var values = new TreeMap<String, float[]>();
    model.parameters().forEach((name, parameter) -> values.put(name, parameter.toFloats()));
    return values;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lora",
        "lora-all-rs",
        "lora-patterns",
        "lora-regex",
        "dora",
        "adalora",
        "ia3",
        "ln"
      })
  void whatIsLoadedAndSavedIsTheSameFileAndTheSameAdapter(String method, @TempDir Path out)
      throws IOException {
    Path folder = folder(method);
    try (T5 model = Checkpoint.load(GoldenFolders.of("t5-v1.0"))) {
      Adapters adapters = Adapters.of(model);
      Adapter first = adapters.load("first", folder);
      adapters.save("first", out);
      assertEquals(
          -1,
          Files.mismatch(
              folder.resolve("adapter_model.safetensors"),
              out.resolve("adapter_model.safetensors")));
      Adapter second = adapters.load("second", out);
      assertEquals(first.method(), second.method());
      JsonObject written = JsonObject.read(out.resolve("adapter_config.json"));
      JsonObject recorded = JsonObject.read(folder.resolve("adapter_config.json"));
      for (String key : written.keys()) {
        if (!key.equals("base_model_name_or_path")) {
          assertEquals(
              JsonText.of(recorded.value(key).orElse(Map.of())),
              JsonText.of(written.value(key).orElseThrow()),
              key);
        }
      }
    }
  }
}
