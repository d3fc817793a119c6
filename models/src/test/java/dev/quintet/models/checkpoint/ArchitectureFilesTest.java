package dev.quintet.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.TinyModels;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.t5.Architecture;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5Encoder;
import dev.quintet.models.t5.T5Family;
import dev.quintet.models.t5.TaskHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Which model a folder makes.
class ArchitectureFilesTest {
  private static final T5Config CONFIG = TinyModels.v11(40);
  private static final ParameterSource RANDOM =
      (name, shape) -> Parameter.normal(shape, 1, name.hashCode(), Device.cpu());

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void eachArchitectureIsFoundFromItsFolder(Architecture kind) {
    TaskHead head = kind == Architecture.QUESTION_ANSWERING ? TaskHead.DEFAULT : TaskHead.of(3);
    try (T5Family model = kind.build(CONFIG, head, RANDOM)) {
      Checkpoint.save(model, folder);
      try (T5Family loaded = Checkpoint.loadAny(folder, LoadOptions.DEFAULT)) {
        assertEquals(kind, loaded.architecture());
        assertEquals(model.parameters().keySet(), loaded.parameters().keySet());
        assertEquals(
            kind.hasTaskHead() ? head.labels() : TaskHead.DEFAULT.labels(), loaded.task().labels());
        model
            .parameters()
            .forEach((name, parameter) ->
                assertArrayEquals(
                    parameter.toFloats(), loaded.parameters().get(name).toFloats(), name));
      }
    }
    assertEquals(
        kind == Architecture.GENERATION, Files.exists(folder.resolve("generation_config.json")));
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void onlyWhatGeneratesIsLoadedToGenerate(Architecture kind) {
    try (T5Family model = kind.build(CONFIG, TaskHead.DEFAULT, RANDOM)) {
      Checkpoint.save(model, folder);
    }
    if (kind == Architecture.GENERATION || kind == Architecture.ENCODER_DECODER) {
      try (T5 model = Checkpoint.load(folder)) {
        assertEquals(kind == Architecture.ENCODER_DECODER, model.config().tied());
      }
      return;
    }
    var e = assertThrows(CheckpointException.class, () -> Checkpoint.load(folder));
    assertTrue(e.getMessage().contains(kind.className("t5")), e.getMessage());
  }

  @Test
  void anEncoderIsPartOfAWholeModelAndOfATextEncodersFolder() throws IOException {
    try (T5 whole = new T5(CONFIG, RANDOM)) {
      Checkpoint.save(whole, folder);
      assertEncoder(whole);
      // An image model's text encoder holds the encoder alone, and its configuration a generator.
      String config = Files.readString(folder.resolve("config.json"));
      try (T5Encoder encoder = new T5Encoder(CONFIG, RANDOM)) {
        Checkpoint.save(encoder, GenerationConfig.of(CONFIG), folder, SaveOptions.DEFAULT);
      }
      Files.writeString(folder.resolve("config.json"), config);
      assertEncoder(whole);
      try (T5Family any = Checkpoint.loadAny(folder, LoadOptions.DEFAULT)) {
        assertEquals(Architecture.ENCODER, any.architecture());
      }
    }
  }

  private void assertEncoder(T5 whole) {
    try (T5Encoder encoder = Checkpoint.loadEncoder(folder, LoadOptions.DEFAULT)) {
      assertFalse(encoder.parameters().isEmpty());
      encoder
          .parameters()
          .forEach((name, parameter) ->
              assertArrayEquals(
                  whole.parameters().get(name).toFloats(), parameter.toFloats(), name));
    }
  }

  @Test
  void otherModelsAreRefusedByName() throws IOException {
    try (T5 whole = new T5(CONFIG, RANDOM)) {
      Checkpoint.save(whole, folder);
    }
    String config = Files.readString(folder.resolve("config.json"));
    refused(config.replace("T5ForConditionalGeneration", "LongT5ForConditionalGeneration"));
    refused(config.replace("T5ForConditionalGeneration", "BartForConditionalGeneration"));
    refused(config.replace("\"model_type\": \"t5\"", "\"model_type\": \"longt5\""));
    refused(config.replace("\"model_type\": \"t5\"", "\"model_type\": \"switch_transformers\""));
    refused("{}");
  }

  private void refused(String config) throws IOException {
    Files.writeString(folder.resolve("config.json"), config);
    var e = assertThrows(IllegalArgumentException.class, () -> Checkpoint.load(folder));
    assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    assertTrue(e.getMessage().contains("5"), e.getMessage());
  }

  @Test
  void aConfigurationWithoutATypeIsKnownByItsClass() throws IOException {
    try (T5 whole = new T5(TinyModels.v10(40), RANDOM)) {
      Checkpoint.save(whole, folder);
    }
    String config = Files.readString(folder.resolve("config.json"));
    Files.writeString(
        folder.resolve("config.json"),
        config
            .replace("\"model_type\"", "\"model\"")
            .replace("T5ForConditionalGeneration", "T5WithLMHeadModel"));
    try (T5 model = Checkpoint.load(folder)) {
      assertEquals("t5", model.config().modelType());
    }
  }
}
