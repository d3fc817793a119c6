package dev.quintet.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.shape.Device;
import dev.quintet.models.TinyModels;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.torch.TorchBytes;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of PyTorch as models, and as safetensors.
class ConversionTest {
  private static final Conversion.Options AS_IS =
      new Conversion.Options(Optional.empty(), Long.MAX_VALUE, true);

  @TempDir Path temporary;

  @Test
  void aPickledModelIsReadOnlyWhenAskedForAndThenLikeAnyOther() throws IOException {
    Path folder = pickled();
    float[] expected;
    try (T5 model = T5.create(TinyModels.v10(40), 4, Device.cpu())) {
      expected = model.shared().weight().toFloats();
    }
    var e = assertThrows(CheckpointException.class, () -> Checkpoint.load(folder));
    assertTrue(e.getMessage().contains("convert"), e.getMessage());
    try (T5 model = Checkpoint.load(folder, LoadOptions.DEFAULT.withPickle())) {
      assertTrue(model.config().tied());
      assertArrayEquals(expected, model.shared().weight().toFloats());
    }
  }

  @Test
  void aListOfTheOldFilesChecksumsIsNotCopied() {
    Path folder = temporary.resolve("whole");
    try (T5 model = T5.create(TinyModels.v10(40), 4, Device.cpu())) {
      AtomicDirectory.write(folder, to -> Checkpoint.save(model, to));
    }
    assertTrue(Files.exists(folder.resolve(AtomicDirectory.MANIFEST)));
    Path converted = temporary.resolve("converted");
    Conversion.run(folder, converted, AS_IS);
    assertTrue(Files.exists(converted.resolve("config.json")));
    assertFalse(Files.exists(converted.resolve(AtomicDirectory.MANIFEST)));
  }

  @Test
  void aConvertedPickleIsTheFileThatSavingWrites() throws IOException {
    Path folder = pickled();
    Path converted = temporary.resolve("converted");
    Conversion done = Conversion.run(folder, converted, AS_IS);
    assertEquals(
        Map.of("encoder.embed_tokens.weight", "shared.weight", "lm_head.weight", "shared.weight"),
        done.dropped());
    assertEquals(
        -1,
        Files.mismatch(
            temporary.resolve("saved/model.safetensors"), converted.resolve("model.safetensors")));
    try (T5 model = Checkpoint.load(converted)) {
      assertTrue(model.config().tied());
    }
  }

  @Test
  void shardsOfPyTorchFilesAreReadThroughTheirIndex() throws IOException {
    Path folder = pickled();
    Files.move(
        folder.resolve("pytorch_model.bin"), folder.resolve("pytorch_model-00001-of-00001.bin"));
    var map = new StringBuilder();
    try (var weights = Weights.open(folder.resolve("pytorch_model-00001-of-00001.bin"), true)) {
      for (String name : weights.names()) {
        map.append(map.isEmpty() ? "" : ", ").append('"').append(name);
        map.append("\": \"pytorch_model-00001-of-00001.bin\"");
      }
    }
    Files.writeString(
        folder.resolve("pytorch_model.bin.index.json"),
        "{\"metadata\": {}, \"weight_map\": {" + map + "}}");
    assertThrows(CheckpointException.class, () -> Checkpoint.load(folder));
    Checkpoint.load(folder, LoadOptions.DEFAULT.withPickle()).close();
  }

  @Test
  void otherFrameworksFilesAreNamed() throws IOException {
    Path folder = pickled();
    Files.move(folder.resolve("pytorch_model.bin"), folder.resolve("tf_model.h5"));
    var e = assertThrows(CheckpointException.class, () -> Checkpoint.load(folder));
    assertTrue(e.getMessage().contains("tf_model.h5"), e.getMessage());
  }

  @Test
  void optionsOfGenerationInAnOldConfigurationGetTheirOwnFile() throws IOException {
    Path folder = pickled();
    Files.deleteIfExists(folder.resolve("generation_config.json"));
    Path config = folder.resolve("config.json");
    String keys = "{\"max_length\": 9, \"num_beams\": 2, \"eos_token_id\": [1, 7],";
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("\"eos_token_id\": 1,", "")
            .replaceFirst("\\{", keys));
    Path converted = temporary.resolve("converted");
    Conversion.run(folder, converted, AS_IS);
    JsonObject written = JsonObject.read(converted.resolve("generation_config.json"));
    assertEquals(9, written.integer("max_length").orElseThrow());
    assertEquals(2, written.integers("eos_token_id").orElseThrow().length);
    try (T5 model = Checkpoint.load(converted)) {
      assertEquals(
          Checkpoint.generation(folder, model.config()).toJson().toString(),
          Checkpoint.generation(converted, model.config()).toJson().toString());
    }
  }

  /// A folder whose one file holds the embedding under three names.
  private Path pickled() throws IOException {
    Path saved = temporary.resolve("saved");
    try (T5 model = T5.create(TinyModels.v10(40), 4, Device.cpu())) {
      Checkpoint.save(model, saved);
    }
    var storages = new LinkedHashMap<String, byte[]>();
    TorchBytes pickle = TorchBytes.pickle().code('}', '(');
    try (var file = SafetensorsFile.open(saved.resolve("model.safetensors"))) {
      for (String name : file.names()) {
        String key = String.valueOf(storages.size());
        byte[] bytes = file.segment(name).toArray(ValueLayout.JAVA_BYTE);
        storages.put("archive/data/" + key, bytes);
        pickle.text(name).join(tensor(key, file.entry(name).dims()));
        if (name.equals("shared.weight")) {
          pickle.text("lm_head.weight").join(tensor(key, file.entry(name).dims()));
          pickle.text("encoder.embed_tokens.weight").join(tensor(key, file.entry(name).dims()));
        }
      }
    }
    Path folder = Files.createDirectory(temporary.resolve("pickled"));
    Files.copy(saved.resolve("config.json"), folder.resolve("config.json"));
    byte[] bytes = TorchBytes.file(pickle.code('u', '.').bytes(), storages);
    Files.write(folder.resolve("pytorch_model.bin"), bytes);
    return folder;
  }

  private static TorchBytes tensor(String key, long[] dims) {
    long[] strides = new long[dims.length];
    long step = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = step;
      step *= dims[axis];
    }
    return TorchBytes.part()
        .global("torch._utils", "_rebuild_tensor_v2")
        .code('(')
        .storage("FloatStorage", key, step)
        .number(0)
        .numbers(dims)
        .numbers(strides)
        .code(0x89, '}', 't', 'R');
  }
}
