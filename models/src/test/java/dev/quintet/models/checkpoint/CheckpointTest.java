package dev.quintet.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.io.SafetensorsWriter;
import dev.quintet.core.io.TensorData;
import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.GoldenFolders;
import dev.quintet.models.TinyModels;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final String SHARED = "shared.weight";
  private static final String HEAD = "lm_head.weight";

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"t5-v1.0", "t5-v1.1"})
  void whatIsSavedIsWhatTheReferenceSaved(String folder) throws IOException {
    Path golden = GoldenFolders.of(folder);
    Path first = temporary.resolve("first");
    Path second = temporary.resolve("second");
    try (T5 model = Checkpoint.load(golden)) {
      Checkpoint.save(model, first);
    }
    try (T5 model = Checkpoint.load(first)) {
      Checkpoint.save(model, second);
    }
    assertEquals(-1, Files.mismatch(golden.resolve(file()), first.resolve(file())));
    for (String name : List.of(file(), "config.json", "generation_config.json")) {
      assertEquals(-1, Files.mismatch(first.resolve(name), second.resolve(name)), name);
    }
  }

  @Test
  void aTiedModelIsStoredOnceAndAnUntiedOneSaysSo() throws IOException {
    Path tied = save(TinyModels.v10(40), "tied");
    try (var file = SafetensorsFile.open(tied.resolve(file()))) {
      assertTrue(file.contains(SHARED));
      assertFalse(file.contains(HEAD));
      assertEquals("pt", file.metadata().get("format"));
    }
    String untied = Files.readString(save(TinyModels.v11(40), "own").resolve("config.json"));
    assertTrue(untied.contains("\"tie_word_embeddings\": false"), untied);
    assertTrue(untied.contains("\"scale_decoder_outputs\": false"), untied);
  }

  @ParameterizedTest
  @CsvSource({"3, 5, true", "5, 3, true", "3, 5, false", "5, 3, false"})
  void unequalDepthsSaveLoadTrainAndGenerate(int encoder, int decoder, boolean tied) {
    T5Config shape = tied ? TinyModels.v10(40).withWidths(32, 8, 3, 48) : TinyModels.v11(40);
    Path folder = save(shape.withLayers(encoder, decoder), "deep");
    try (T5 model = Checkpoint.load(folder)) {
      assertEquals(encoder, model.encoder().blocks().size());
      assertEquals(decoder, model.decoder().blocks().size());
      try (var scope = Scope.open(Device.cpu())) {
        var ids = TinyModels.ints(new int[][] {{4, 5, 6, 1}});
        var mask = TinyModels.ints(new int[][] {{1, 1, 1, 1}});
        model.loss(ids, mask, ids, Pass.inference(), CrossEntropyOptions.MEAN).loss().backward();
      }
      model.parameters().forEach((name, p) -> assertTrue(p.hasGradient(), name));
      int[][] generated =
          Generator.of(model)
              .generate(List.of(new int[] {4, 5, 1}), GenerationConfig.of(model.config()));
      assertEquals(0, generated[0][0]);
    }
  }

  @Test
  void namesATensorThatIsMissingMisshapenOrUnexpected() {
    Path folder = save(TinyModels.v10(40), "model");
    String norm = "decoder.final_layer_norm.weight";
    var tensors = read(folder);
    TensorData kept = tensors.remove(norm);
    assertMessage(folder, tensors, norm);
    tensors.put(norm, floats(Shape.of(5), new float[5]));
    assertMessage(folder, tensors, norm);
    tensors.put(norm, new TensorData(SafetensorsType.I32, Shape.of(32), segment(new float[32])));
    assertMessage(folder, tensors, norm);
    tensors.put(norm, kept);
    tensors.put("encoder.block.7.layer.0.layer_norm.weight", kept);
    assertMessage(folder, tensors, "encoder.block.7.layer.0.layer_norm.weight");
  }

  @Test
  void aModelWithReplacedPartsIsNotSavedUnderNamesThatNothingCanLoad() throws IOException {
    Path folder = temporary.resolve("replaced");
    String path = "encoder.block.0.layer.0.SelfAttention.q";
    try (T5 model = T5.create(TinyModels.v10(40), 1, Device.cpu())) {
      Module before = model.replace(path, new Wrapped(model.find(path).orElseThrow()));
      var e = assertThrows(CheckpointException.class, () -> Checkpoint.save(model, folder));
      assertTrue(e.getMessage().contains(path + ".inner.weight [32, 32]"), e.getMessage());
      assertTrue(e.getMessage().contains("missing, " + path + ".weight"), e.getMessage());
      assertFalse(Files.exists(folder));
      var _ = model.replace(path, before);
      Checkpoint.save(model, folder);
    }
    Checkpoint.load(folder).close();
  }

  @Test
  void aTiedModelThatGotAHeadOfItsOwnIsSavedAsAnUntiedOne() {
    Path folder = temporary.resolve("head");
    try (T5 model = T5.create(TinyModels.v10(40), 1, Device.cpu())) {
      var _ =
          model.replace(
              "lm_head", new Linear(Parameter.normal(Shape.of(40, 32), 1, 3, Device.cpu())));
      Checkpoint.save(model, folder);
    }
    try (T5 model = Checkpoint.load(folder)) {
      assertFalse(model.config().tied());
      assertTrue(model.config().scaled());
    }
  }

  /// Stands in for an adapter around a projection.
  private static final class Wrapped extends Module implements Layer {
    private final Child<Layer> inner;

    Wrapped(Module module) {
      inner = child("inner", Layer.class, module);
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
      return inner.get().apply(x, pass);
    }
  }

  @Test
  void readsTheEmbeddingUnderAnyOfItsNames() {
    Path folder = save(TinyModels.v10(40), "model");
    float[] expected = values(folder);
    var stored = read(folder);
    for (String alias :
        List.of("encoder.embed_tokens.weight", "decoder.embed_tokens.weight", HEAD)) {
      var tensors = new TreeMap<>(stored);
      tensors.put(alias, tensors.remove(SHARED));
      write(folder, tensors);
      assertArrayEquals(expected, values(folder), alias);
    }
  }

  @Test
  void theWeightsDecideWhetherTheHeadIsTied() {
    Path folder = save(TinyModels.v10(40), "model");
    var tensors = read(folder);
    tensors.put(HEAD, tensors.get(SHARED));
    tensors.put("encoder.embed_tokens.weight", tensors.get(SHARED));
    tensors.put(
        "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight",
        floats(Shape.of(32, 4), new float[128]));
    write(folder, tensors);
    try (T5 model = Checkpoint.load(folder)) {
      assertTrue(model.config().tied());
      assertEquals(SHARED, model.aliases().get(HEAD));
    }
    tensors.put(HEAD, floats(Shape.of(40, 32), TinyModels.random(1, 40 * 32)));
    write(folder, tensors);
    try (T5 model = Checkpoint.load(folder)) {
      assertFalse(model.config().tied());
      assertTrue(model.config().scaled());
      assertTrue(model.parameters().containsKey(HEAD));
    }
  }

  @Test
  void readsHalfPrecisionAndShards() throws IOException {
    Path folder = save(TinyModels.v11(40), "model");
    float[] expected = values(folder);
    var tensors = read(folder);
    var halves = new TreeMap<String, TensorData>();
    tensors.forEach((name, data) -> halves.put(name, bfloat16(data)));
    var first = new TreeMap<>(halves.headMap("encoder"));
    var second = new TreeMap<>(halves.tailMap("encoder"));
    Files.delete(folder.resolve(file()));
    SafetensorsWriter.write(folder.resolve("model-00001-of-00002.safetensors"), first);
    SafetensorsWriter.write(folder.resolve("model-00002-of-00002.safetensors"), second);
    var index = new StringBuilder("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {");
    String separator = "";
    for (String name : halves.keySet()) {
      int shard = first.containsKey(name) ? 1 : 2;
      index.append(separator).append('"').append(name).append("\": \"model-0000");
      index.append(shard).append("-of-00002.safetensors\"");
      separator = ", ";
    }
    Path indexFile = folder.resolve("model.safetensors.index.json");
    Files.writeString(indexFile, index + "}}");
    float[] found = values(folder);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], Math.abs(expected[i]) / 128);
    }
    Files.writeString(indexFile, "{\"weight_map\": {\"shared.weight\": \"../x.safetensors\"}}");
    assertThrows(MalformedFileException.class, () -> Checkpoint.load(folder));
  }

  @Test
  void saysWhatIsWrongWithAFolderOrItsConfiguration() throws IOException {
    assertThrows(CheckpointException.class, () -> Checkpoint.load(temporary.resolve("none")));
    Path folder = save(TinyModels.v10(40), "model");
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"t5\", \"d_model\": }");
    assertThrows(MalformedFileException.class, () -> Checkpoint.load(folder));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"t5\", \"d_kv\": 0}");
    var e = assertThrows(IllegalArgumentException.class, () -> Checkpoint.load(folder));
    assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    assertTrue(e.getMessage().contains("d_kv"), e.getMessage());
  }

  @Test
  void readsTheGenerationDefaultsOfAFolder() throws IOException {
    Path folder = save(TinyModels.v10(40), "model");
    Files.writeString(
        folder.resolve("generation_config.json"),
        "{\"eos_token_id\": [1, 7], \"max_new_tokens\": 5, \"transformers_version\": \"5.18.0\"}");
    GenerationConfig read = Checkpoint.generation(folder, TinyModels.v10(40));
    assertArrayEquals(new int[] {1, 7}, read.eosIds());
    assertEquals(6, read.maxLength(1));
    Files.delete(folder.resolve("generation_config.json"));
    assertEquals(21, Checkpoint.generation(folder, TinyModels.v10(40)).maxLength(1));
  }

  private static String file() {
    return "model.safetensors";
  }

  private Path save(T5Config config, String name) {
    Path folder = temporary.resolve(name);
    try (T5 model = T5.create(config, 4, Device.cpu())) {
      Checkpoint.save(model, folder);
    }
    return folder;
  }

  private static float[] values(Path folder) {
    try (T5 model = Checkpoint.load(folder)) {
      return model.shared().weight().toFloats();
    }
  }

  private static TreeMap<String, TensorData> read(Path folder) {
    var tensors = new TreeMap<String, TensorData>();
    try (var file = SafetensorsFile.open(folder.resolve(file()))) {
      for (String name : file.names()) {
        tensors.put(name, floats(file.entry(name).shape(), file.floats(name)));
      }
    }
    return tensors;
  }

  private static void write(Path folder, TreeMap<String, TensorData> tensors) {
    SafetensorsWriter.write(folder.resolve(file()), tensors);
  }

  private static void assertMessage(
      Path folder, TreeMap<String, TensorData> tensors, String expected) {
    write(folder, tensors);
    var e = assertThrows(CheckpointException.class, () -> Checkpoint.load(folder));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private static TensorData floats(Shape shape, float[] values) {
    return new TensorData(SafetensorsType.F32, shape, segment(values));
  }

  private static MemorySegment segment(float[] values) {
    return MemorySegment.ofArray(values);
  }

  private static TensorData bfloat16(TensorData data) {
    short[] halves = new short[(int) data.shape().elements()];
    for (int i = 0; i < halves.length; i++) {
      int bits = data.bytes().getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
      halves[i] = (short) ((bits + 0x8000) >>> 16);
    }
    return new TensorData(SafetensorsType.BF16, data.shape(), MemorySegment.ofArray(halves));
  }
}
