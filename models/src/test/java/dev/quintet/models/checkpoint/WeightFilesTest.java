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
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.TinyModels;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// How weights lie in files: in place, in shards, as other types.
class WeightFilesTest {
  private static final SaveOptions SHARDS = SaveOptions.DEFAULT.withShardBytes(30_000);

  @TempDir Path temporary;

  // ---- memory ----

  @Test
  @Tag("processor")
  void parametersLieInTheFileUntilTheyAreWrittenAndNeverReachIt() throws IOException {
    Path folder = save(TinyModels.v10(40), SaveOptions.DEFAULT);
    byte[] before = Files.readAllBytes(folder.resolve("model.safetensors"));
    try (T5 model = Checkpoint.load(folder);
        T5 other = Checkpoint.load(folder)) {
      long used = model.shared().weight().backend().memory().bytesInUse();
      try (T5 third = Checkpoint.load(folder)) {
        assertEquals(used, third.shared().weight().backend().memory().bytesInUse());
      }
      float[] ones = new float[40 * 32];
      Arrays.fill(ones, 1);
      float[] expected = other.shared().weight().toFloats();
      model.shared().weight().set(ones);
      assertArrayEquals(ones, model.shared().weight().toFloats());
      assertArrayEquals(expected, other.shared().weight().toFloats());
    }
    assertArrayEquals(before, Files.readAllBytes(folder.resolve("model.safetensors")));
  }

  @Test
  void aModelOutlivesTheFileThatItLiesIn() throws IOException {
    Path folder = save(TinyModels.v10(40), SaveOptions.DEFAULT);
    try (T5 model = Checkpoint.load(folder)) {
      float[] expected = model.shared().weight().toFloats();
      try (T5 other = T5.create(TinyModels.v10(40), 99, Device.cpu())) {
        Checkpoint.save(other, folder);
      }
      assertArrayEquals(expected, model.shared().weight().toFloats());
      Checkpoint.save(model, folder);
      Files.delete(folder.resolve("model.safetensors"));
      assertArrayEquals(expected, model.shared().weight().toFloats());
    }
  }

  @Test
  void readsAFileWhoseTensorsLieAtOddPlaces() throws IOException {
    Path folder = save(TinyModels.v10(40), SaveOptions.DEFAULT);
    Path file = folder.resolve("model.safetensors");
    float[] expected = values(folder);
    byte[] bytes = Files.readAllBytes(file);
    byte[] shifted = new byte[bytes.length + 1];
    int header = (bytes[0] & 0xFF) | (bytes[1] & 0xFF) << 8 | (bytes[2] & 0xFF) << 16;
    System.arraycopy(bytes, 0, shifted, 0, 8 + header);
    shifted[8 + header] = ' ';
    System.arraycopy(bytes, 8 + header, shifted, 9 + header, bytes.length - 8 - header);
    shifted[0] = (byte) (header + 1);
    shifted[1] = (byte) (header + 1 >> 8);
    Files.write(file, shifted);
    assertArrayEquals(expected, values(folder));
  }

  @Test
  void aFileThatMayOnlyBeReadIsMappedToo() throws IOException {
    Path folder = save(TinyModels.v10(40), SaveOptions.DEFAULT);
    float[] expected = values(folder);
    assertTrue(folder.resolve("model.safetensors").toFile().setWritable(false));
    assertArrayEquals(expected, values(folder));
  }

  // ---- shards ----

  @Test
  void shardsAreCutAndNamedAsTheReferenceDoes() throws IOException {
    Path folder = save(TinyModels.v10(40), SHARDS);
    JsonObject index = JsonObject.read(folder.resolve("model.safetensors.index.json"));
    JsonObject map = index.object("weight_map").orElseThrow();
    assertEquals("model-00001-of-00007.safetensors", map.string("shared.weight").orElseThrow());
    long bytes = 0;
    long largest = 0;
    for (Path path : list(folder)) {
      if (path.toString().endsWith(".safetensors")) {
        try (var file = SafetensorsFile.open(path)) {
          long held = file.names().stream().mapToLong(name -> file.entry(name).bytes()).sum();
          bytes += held;
          largest = Math.max(largest, file.names().size() > 1 ? held : 0);
        }
      }
    }
    assertEquals(bytes, index.object("metadata").orElseThrow().number("total_size").orElseThrow());
    assertTrue(largest <= 30_000, "a shard of " + largest);
    assertFalse(Files.exists(folder.resolve("model.safetensors")));
    assertArrayEquals(
        values(save(TinyModels.v10(40), SaveOptions.DEFAULT, "single")), values(folder));
  }

  @Test
  void savingInOneFormRemovesTheOther() throws IOException {
    Path folder = save(TinyModels.v10(40), SHARDS);
    Files.writeString(folder.resolve("tokenizer.json"), "{}");
    save(TinyModels.v10(40), SaveOptions.DEFAULT);
    assertEquals(
        List.of("config.json", "generation_config.json", "model.safetensors", "tokenizer.json"),
        list(folder).stream().map(path -> path.getFileName().toString()).toList());
    save(TinyModels.v10(40), SaveOptions.DEFAULT.withShardBytes(60_000));
    save(TinyModels.v10(40), SHARDS);
    assertEquals(7 + 4, list(folder).size());
    assertTrue(Files.exists(folder.resolve("model-00007-of-00007.safetensors")));
  }

  @Test
  void anIndexMustTellTheTruth() throws IOException {
    Path folder = temporary.resolve("shards");
    Files.createDirectories(folder);
    Path index = folder.resolve("model.safetensors.index.json");
    shard(folder, "model-00001-of-00002.safetensors", "a", "b");
    shard(folder, "model-00002-of-00002.safetensors", "c");
    String one = "\"model-00001-of-00002.safetensors\"";
    String two = "\"model-00002-of-00002.safetensors\"";
    String ab = "\"a\": " + one + ", \"b\": " + one;
    refused(index, "{}", "weight_map");
    refused(index, "{\"weight_map\": []}", "weight_map");
    refused(index, "{\"weight_map\": {}}", "at least one");
    refused(index, "{\"weight_map\": {\"a\": 1}}", "names of .safetensors files");
    for (String name :
        List.of(
            "../x.safetensors",
            "/x.safetensors",
            "x/../y.safetensors",
            ".safetensors",
            "..\\\\x.safetensors",
            "x\\u0000.safetensors",
            "x.bin",
            "")) {
      var e = refused(index, "{\"weight_map\": {\"a\": \"" + name + "\"}}", "in the same folder");
      assertEquals(16, e.offset(), name);
    }
    refused(index, map(ab, "\"c\": \"model-00003-of-00002.safetensors\""), "is missing");
    refused(index, map(ab, "\"c\": " + one), "says|not in");
    refused(index, map(ab, "\"c\": " + two, "\"d\": " + two), "d is not in");
    refused(index, map("\"a\": " + one, "\"c\": " + two), "b of model-00001");
    refused(index, map(ab, "\"c\": " + two, "\"a\": " + two), "\"a\" is there twice");
    shard(folder, "model-00002-of-00002.safetensors", "c", "a");
    refused(index, map(ab, "\"c\": " + two), "in no other");
    shard(folder, "model-00002-of-00002.safetensors", "c");
    Files.writeString(index, map(ab, "\"c\": " + two));
    try (var weights = Weights.open(folder, false)) {
      assertEquals(3, weights.names().size());
    }
    Files.write(folder.resolve("model-00002-of-00002.safetensors"), new byte[] {1, 2, 3});
    var e = assertThrows(MalformedFileException.class, () -> Weights.open(folder, false));
    assertTrue(e.getMessage().contains("model-00002"), e.getMessage());
  }

  private static String map(String... entries) {
    return "{\"metadata\": {}, \"weight_map\": {" + String.join(", ", entries) + "}}";
  }

  private static MalformedFileException refused(Path index, String text, String rule)
      throws IOException {
    Files.writeString(index, text);
    Path folder = index.resolveSibling("");
    var e = assertThrows(MalformedFileException.class, () -> Weights.open(folder, false), text);
    assertTrue(
        Arrays.stream(rule.split("\\|")).anyMatch(e.getMessage()::contains),
        rule + " in " + e.getMessage());
    assertTrue(e.getMessage().contains("index.json"), e.getMessage());
    return e;
  }

  private static void shard(Path folder, String name, String... tensors) {
    var map = new TreeMap<String, TensorData>();
    for (String tensor : tensors) {
      map.put(
          tensor,
          new TensorData(
              SafetensorsType.F32, Shape.of(2), MemorySegment.ofArray(new float[] {1, 2})));
    }
    SafetensorsWriter.write(folder.resolve(name), map);
  }

  // ---- types ----

  @ParameterizedTest
  @EnumSource(
      value = SafetensorsType.class,
      names = {"F32", "BF16", "F16"})
  void storesAndReadsEachType(SafetensorsType type) {
    Path folder = save(TinyModels.v11(40), SaveOptions.DEFAULT.withType(type));
    String expected =
        Map.of(
                SafetensorsType.F32, "float32",
                SafetensorsType.BF16, "bfloat16",
                SafetensorsType.F16, "float16")
            .get(type);
    JsonObject config = JsonObject.read(folder.resolve("config.json"));
    assertEquals(expected, config.string("torch_dtype").orElseThrow());
    try (var weights = Weights.open(folder, false);
        T5 first = Checkpoint.load(folder);
        T5 made = T5.create(TinyModels.v11(40), 4, Device.cpu())) {
      weights.tensors().forEach(tensor -> assertEquals(type, tensor.type()));
      made.parameters()
          .forEach((name, parameter) -> close(name, parameter, first.parameters().get(name), type));
      // what has been rounded stays as it is
      Path again = temporary.resolve("again");
      Checkpoint.save(
          first,
          GenerationConfig.of(first.config()),
          again,
          SaveOptions.DEFAULT.withType(type).withShardBytes(9999));
      try (T5 second = Checkpoint.load(again)) {
        second
            .parameters()
            .forEach((name, parameter) ->
                assertArrayEquals(first.parameters().get(name).toFloats(), parameter.toFloats()));
      }
    }
  }

  private static void close(String name, Parameter made, Parameter read, SafetensorsType type) {
    double step =
        type == SafetensorsType.F32 ? 0 : type == SafetensorsType.BF16 ? 1 / 256.0 : 1 / 2048.0;
    float[] expected = made.toFloats();
    float[] found = read.toFloats();
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          expected[i], found[i], Math.abs(expected[i]) * step + (step == 0 ? 0 : 0x1p-24), name);
    }
  }

  @Test
  void refusesToStoreInHalvesWhatIsBeyondTheirRange() {
    try (T5 model = T5.create(TinyModels.v10(40), 4, Device.cpu())) {
      float[] values = model.shared().weight().toFloats();
      values[7] = 70000;
      model.shared().weight().set(values);
      Path folder = temporary.resolve("wide");
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Checkpoint.save(
                      model,
                      GenerationConfig.of(model.config()),
                      folder,
                      SaveOptions.DEFAULT.withType(SafetensorsType.F16)));
      assertTrue(e.getMessage().contains("BF16"), e.getMessage());
      assertEquals(List.of(), list(folder));
    }
  }

  @Test
  void readsSizesAsTheReferenceWritesThem() {
    assertEquals(5_000_000_000L, SaveOptions.bytes("5GB"));
    assertEquals(200_000, SaveOptions.bytes(" 200 kb "));
    assertEquals(7, SaveOptions.bytes("7"));
    for (String bad : List.of("", "GB", "-5GB", "0", "1.5GB", "5GiB", "99999999999TB")) {
      assertThrows(IllegalArgumentException.class, () -> SaveOptions.bytes(bad), bad);
    }
    assertThrows(
        IllegalArgumentException.class, () -> SaveOptions.DEFAULT.withType(SafetensorsType.I64));
    assertThrows(IllegalArgumentException.class, () -> SaveOptions.DEFAULT.withShardBytes(0));
  }

  // ---- helpers ----

  private Path save(T5Config config, SaveOptions options) {
    return save(config, options, "model");
  }

  private Path save(T5Config config, SaveOptions options, String name) {
    Path folder = temporary.resolve(name);
    try (T5 model = T5.create(config, 4, Device.cpu())) {
      Checkpoint.save(model, GenerationConfig.of(config), folder, options);
    }
    return folder;
  }

  private static float[] values(Path folder) {
    try (T5 model = Checkpoint.load(folder)) {
      return model.shared().weight().toFloats();
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
