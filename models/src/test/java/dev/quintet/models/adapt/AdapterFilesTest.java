package dev.quintet.models.adapt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsWriter;
import dev.quintet.core.io.TensorData;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.lora.AdaLora;
import dev.quintet.models.adapt.lora.Lora;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.scale.Ia3;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.CheckpointException;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Adapter folders that are not as they should be, and what asks for what there is not.
class AdapterFilesTest {
  @TempDir Path folder;

  private final T5 model = T5.create(TinyModels.v10(40), 3, Device.cpu());
  private final Adapters adapters = Adapters.of(model);

  @AfterEach
  void close() {
    model.close();
  }

  private Path saved() {
    adapters.add("saved", Lora.rank(2).on("q", "wo"), 1);
    adapters.save("saved", folder);
    adapters.remove("saved");
    return folder;
  }

  private void change(String key, String value) throws IOException {
    Path file = folder.resolve("adapter_config.json");
    JsonObject json = JsonObject.read(file);
    Object parsed = JsonObject.parse("a test", "{\"v\": " + value + "}").value("v").orElseThrow();
    Files.writeString(file, json.with(key, parsed).toString());
  }

  private String refused() {
    List<String> before = List.copyOf(model.parameters().keySet());
    String message =
        assertThrows(AdapterException.class, () -> adapters.load("read", folder)).getMessage();
    assertEquals(before, List.copyOf(model.parameters().keySet()), "the model is as before");
    assertEquals(List.of(), adapters.names());
    return message;
  }

  @Test
  void messagesCallAnAdaptersParametersByTheirWholePaths() {
    for (Lora method : List.of(Lora.rank(2), Lora.rank(2).withDecomposition())) {
      Adapter one = adapters.add(method.name(), method.on("q"), 1);
      one.parameters()
          .forEach((name, parameter) -> {
            String path = name.substring("base_model.model.".length(), name.indexOf(".q.") + 3);
            String called = parameter.name().orElse("");
            assertTrue(called.startsWith(path + method.name() + ".lora_"), name + ": " + called);
          });
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "use_qalora; true",
        "loftq_config; {\"loftq_bits\": 4}",
        "eva_config; {\"rho\": 2.0}",
        "layer_replication; [[0, 2]]",
        "trainable_token_indices; [1, 2]",
        "target_parameters; [\"q.weight\"]",
        "alora_invocation_tokens; [3]",
        "use_bdlora; {\"nblocks\": 2}",
        "kasa_config; {}x",
        "init_lora_weights; \"pissa\"",
        "init_lora_weights; \"olora\"",
        "lora_bias; true",
        "r; 0",
        "lora_dropout; 1.5",
        "r; \"many\"",
        "target_modules; 7",
        "target_modules; \"(\"",
        "target_modules; [\"nothing-is-called-so\"]",
        "target_modules; [\"SelfAttention\"]",
        "modules_to_save; [\"nothing-is-called-so\"]",
        "modules_to_save; [\"relative_attention_bias\"]",
        "rank_pattern; {\"wo\": 1.5}",
        "layers_pattern; [\"block\"]",
        "peft_type; \"VERA\""
      })
  void whatThereIsNotIsRefusedByItsName(String key, String value) throws IOException {
    saved();
    if (value.endsWith("x")) {
      change(key, "{\"beta\": 1}");
    } else {
      change(key, value);
    }
    String message = refused();
    String word = key.equals("peft_type") ? "VERA" : key;
    assertTrue(
        message.contains(word)
            || message.contains("nothing-is-called-so")
            || message.contains("'('")
            || message.contains("SelfAttention")
            || message.contains("rank"),
        message);
  }

  @Test
  void whatIsUnknownIsPassedOverWithANoteAndWhatIsUnsetIsNoMatter() throws IOException {
    saved();
    change("a_later_option", "3");
    change("use_qalora", "false");
    change("loftq_config", "{}");
    change("bias", "\"all\"");
    Adapter read = adapters.load("read", folder);
    assertEquals(2, read.notes().size(), read.notes().toString());
    assertTrue(read.notes().getFirst().contains("a_later_option"), read.notes().toString());
    assertTrue(read.notes().getLast().contains("no biases"), read.notes().toString());
  }

  @Test
  void anAdapterOfSharedIsReadWithANoteAndNoNewOneMade() throws IOException {
    saved();
    change("target_modules", "[\"q\", \"wo\", \"shared\"]");
    Path file = folder.resolve("adapter_model.safetensors");
    var tensors = new HashMap<String, TensorData>();
    try (var arena = Arena.ofConfined();
        var open = SafetensorsFile.open(file)) {
      open.names()
          .forEach(name ->
              tensors.put(
                  name, TensorData.of(DType.F32, open.entry(name).shape(), open.segment(name))));
      Map.of("A", Shape.of(2, 40), "B", Shape.of(32, 2))
          .forEach((letter, shape) ->
              tensors.put(
                  "base_model.model.shared.lora_embedding_" + letter,
                  TensorData.of(DType.F32, shape, arena.allocate(4 * shape.elements(), 4))));
      SafetensorsWriter.write(file, tensors);
    }
    assertTrue(adapters.load("read", folder).notes().getFirst().contains("embed_tokens"));
    adapters.save("read", folder.resolve("again"));
    assertEquals(-1, Files.mismatch(file, folder.resolve("again/adapter_model.safetensors")));
    assertThrows(AdapterException.class, () -> adapters.add("new", Lora.rank(2).on("shared"), 1));
    assertEquals(List.of("read"), adapters.names());
  }

  @Test
  void anotherBaseIsToldByATensorAndItsShape() {
    saved();
    T5Config wider = TinyModels.v10(40).withWidths(48, 8, 4, 64);
    try (T5 other = T5.create(wider, 3, Device.cpu())) {
      String message =
          assertThrows(AdapterException.class, () -> Adapters.of(other).load("read", folder))
              .getMessage();
      assertTrue(message.contains("SelfAttention.q.lora_A.weight is [2, 32]"), message);
      assertTrue(message.contains("[2, 48]"), message);
    }
    try (T5 deeper = T5.create(TinyModels.v10(40).withLayers(3, 2), 3, Device.cpu())) {
      String message =
          assertThrows(AdapterException.class, () -> Adapters.of(deeper).load("read", folder))
              .getMessage();
      assertTrue(message.contains("lacks"), message);
      assertTrue(message.contains("encoder.block.2.layer.0.SelfAttention.q.lora_A"), message);
    }
    try (T5 flatter = T5.create(TinyModels.v10(40).withLayers(1, 2), 3, Device.cpu())) {
      String message =
          assertThrows(AdapterException.class, () -> Adapters.of(flatter).load("read", folder))
              .getMessage();
      assertTrue(message.contains("4 tensors that nothing on this base wants"), message);
      assertTrue(message.contains("encoder.block.1"), message);
    }
  }

  @Test
  void whatIsNoAdapterIsToldSo(@TempDir Path empty) {
    assertTrue(
        assertThrows(AdapterException.class, () -> adapters.load("read", empty))
            .getMessage()
            .contains("adapter_config.json"));
    saved();
    folder.resolve("adapter_model.safetensors").toFile().delete();
    assertThrows(UncheckedIOException.class, () -> adapters.load("read", folder));
    assertTrue(
        assertThrows(AdapterException.class, () -> adapters.save("no-such", folder))
            .getMessage()
            .contains("no-such"));
  }

  @Test
  void anExpressionWithoutAnEndIsRefusedInTime() throws IOException {
    saved();
    change("target_modules", "\"(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)!\"");
    String message = refused();
    assertTrue(message.contains("repeats of repeats"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "q", "a.b", "weight", "a b", "../x"})
  void aNameThatCannotBeIsRefused(String name) {
    assertThrows(AdapterException.class, () -> adapters.add(name, Ia3.standard(), 1));
    assertEquals(List.of(), adapters.names());
  }

  @Test
  void bitFitIsRefusedWithWhatToTakeInstead() {
    String message =
        assertThrows(
                AdapterException.class,
                () -> AdapterMethods.of(JsonObject.parse("a run", "{\"method\": \"BitFit\"}")))
            .getMessage();
    assertTrue(message.contains("T5 has none"), message);
    assertTrue(message.contains("ia3"), message);
  }

  @Test
  void aConfigurationNamesSettingsShortlyOrAsFilesDo() {
    Lora expected = Lora.rank(4).withAlpha(16).on("q", "v").withDropout(0.1);
    for (String text :
        List.of(
            "{\"method\": \"lora\", \"rank\": 4, \"alpha\": 16, \"targets\": [\"q\", \"v\"], \"dropout\": 0.1}",
            "{\"method\": \"lora\", \"r\": 4, \"lora_alpha\": 16, \"lora_dropout\": 0.1}")) {
      assertEquals(expected, AdapterMethods.of(JsonObject.parse("a run", text)));
    }
    assertEquals(
        Lora.rank(8).withDecomposition(),
        AdapterMethods.of(JsonObject.parse("a run", "{\"method\": \"dora\"}")));
    assertTrue(
        assertThrows(
                AdapterException.class,
                () ->
                    AdapterMethods.of(
                        JsonObject.parse("a run", "{\"method\": \"lora\", \"rang\": 4}")))
            .getMessage()
            .contains("rang"));
  }

  @Test
  void brokenFilesAreRefusedAndLeaveTheModelAsItWas() throws IOException {
    saved();
    Path weights = folder.resolve("adapter_model.safetensors");
    Path config = folder.resolve("adapter_config.json");
    byte[][] whole = {Files.readAllBytes(weights), Files.readAllBytes(config)};
    var names = List.copyOf(model.parameters().keySet());
    var random = new Random(5);
    int loaded = 0;
    for (int round = 0; round < 300; round++) {
      byte[][] broken = {whole[0].clone(), whole[1].clone()};
      byte[] one = broken[round % 2];
      int most = round % 2 == 0 ? 3000 : one.length;
      for (int change = 0; change < 1 + round % 3; change++) {
        one[random.nextInt(Math.min(most, one.length))] = (byte) (32 + random.nextInt(96));
      }
      Files.write(weights, broken[0]);
      Files.write(config, broken[1]);
      try {
        adapters.load("read", folder);
        loaded++;
        adapters.remove("read");
      } catch (AdapterException | MalformedFileException expected) {
        assertFalse(String.valueOf(expected.getMessage()).isEmpty());
      }
      assertEquals(names, List.copyOf(model.parameters().keySet()), "round " + round);
    }
    assertTrue(loaded < 300, "some were broken");
  }

  @Test
  void aSumOfLorasGivesWhatTheyGiveTogether() {
    adapters.add("one", Lora.rank(2).on("q", "wo"), 1);
    adapters.add("two", Lora.rank(3).withAlpha(4).on("q").withRootScale(), 2);
    for (String name : List.of("one", "two")) {
      adapters
          .get(name)
          .parameters()
          .values()
          .forEach(parameter ->
              parameter.set(TinyModels.random(name.length(), (int) parameter.elements())));
    }
    adapters.combine("both", Map.of("one", 0.5, "two", -2.0));
    String path = "encoder.block.0.layer.0.SelfAttention.q.weight";
    float[] base = values(path);
    float[] expected = base.clone();
    for (var term : Map.of("one", 0.5f, "two", -2f).entrySet()) {
      adapters.merge(term.getKey());
      float[] merged = values(path);
      adapters.unmerge();
      for (int i = 0; i < expected.length; i++) {
        expected[i] += term.getValue() * (merged[i] - base[i]);
      }
    }
    adapters.merge("both");
    assertArrayEquals(expected, values(path), 1e-3f);
    adapters.unmerge();
    assertArrayEquals(base, values(path));
    adapters.save("both", folder);
    adapters.load("again", folder);
    assertThrows(
        AdapterException.class,
        () -> {
          adapters.add("ia3", Ia3.standard(), 1);
          adapters.combine("none", Map.of("ia3", 1.0));
        });
  }

  private float[] values(String name) {
    Parameter parameter = model.parameters().get(name);
    return parameter == null ? new float[0] : parameter.toFloats();
  }

  @Test
  void aMergedModelIsSavedAsAPlainOneAndHasNoAdapterMeanwhile() {
    Adapter one = adapters.add("one", Lora.rank(2).withModulesToSave("lm_head"), 1);
    one.parameters().values().forEach(p -> p.set(TinyModels.random(1, (int) p.elements())));
    Path out = folder.resolve("merged");
    assertThrows(CheckpointException.class, () -> Checkpoint.save(model, out));
    adapters.merge("one");
    Checkpoint.save(model, out);
    for (Runnable call :
        List.<Runnable>of(
            () -> adapters.use("one"),
            () -> adapters.remove("one"),
            () -> adapters.merge("one"),
            () -> adapters.add("two", Ia3.standard(), 1))) {
      assertTrue(
          assertThrows(AdapterException.class, call::run)
              .getMessage()
              .contains("unmerge it first"));
    }
    adapters.unmerge();
    assertThrows(AdapterException.class, adapters::unmerge);
    try (T5 again = Checkpoint.load(out)) {
      assertTrue(again.parameters().containsKey("lm_head.weight"), "the head is one of its own");
    }
  }

  @Test
  void ranksGoWhereTheyMatterLeastAndAreNotWritten() {
    Adapter adapter =
        adapters.add(
            "ada",
            AdaLora.ranks(4, 2, 10).withBudget(new AdaLora.Budget(1, 2, 1, 10, 0.85, 0.85)).on("q"),
            1);
    try (var _ = dev.quintet.core.tensor.Scope.open(Device.cpu())) {
      for (long step = 1; step <= 10; step++) {
        adapter.penalty().orElseThrow().backward();
        adapter
            .parameters()
            .forEach((name, parameter) -> {
              if (name.endsWith("lora_E")) {
                parameter.set(TinyModels.random(name.hashCode(), 4));
                parameter.square().sum().backward();
              }
            });
        adapter.afterStep(step);
        model.zeroGradients();
      }
    }
    int left = 0;
    for (List<Boolean> ranks : ((AdaLora) adapter.method()).kept().values()) {
      left += (int) ranks.stream().filter(one -> one).count();
    }
    assertEquals(2 * 6, left);
    adapters.save("ada", folder);
    Adapter again = adapters.load("again", folder);
    assertEquals(adapter.method(), again.method());
    assertTrue(again.parameterCount() < adapter.parameterCount());
    // an average of the weights brings numbers back to ranks that were taken away, which still do
    // not count
    adapter
        .parameters()
        .forEach((name, parameter) -> {
          if (name.endsWith("lora_E")) {
            float[] e = parameter.toFloats();
            for (int i = 0; i < e.length; i++) {
              e[i] = e[i] == 0 ? 7 : e[i];
            }
            parameter.set(e);
          }
        });
    assertArrayEquals(mergedQuery("again"), mergedQuery("ada"), 1e-6f);
  }

  private float[] mergedQuery(String adapter) {
    adapters.merge(adapter);
    float[] values =
        model.parameters().get("decoder.block.0.layer.0.SelfAttention.q.weight").toFloats();
    adapters.unmerge();
    return values;
  }

  @Test
  void adaLoraSaysWhereItsStepsAreNotTheTrainings() {
    AdaLora own = AdaLora.ranks(4, 2, 20);
    assertTrue(own.remark(12).orElseThrow().contains("more than target_r"));
    assertTrue(own.remark(30).orElseThrow().contains("up to step 20"));
    assertTrue(own.remark(20).isEmpty());
    assertTrue(own.withBudget(own.budget().withTotal(0)).remark(12).isEmpty());
  }
}
