package dev.quintet.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.GoldenFolders;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5ConfigFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every generation of `config.json` makes the same model of the same weights.
class ConfigGenerationsTest {
  private static final String TIE = "\"tie_word_embeddings\"";
  private static final String SCALE = "\"scale_decoder_outputs\"";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // transformers 4, 5, and what is saved here
        "t5-v1.0 | -     | -     | true",
        "t5-v1.0 | true  | -     | true",
        "t5-v1.0 | true  | true  | true",
        "t5-v1.1 | false | -     | false",
        "t5-v1.1 | true  | false | false",
        "t5-v1.1 | false | false | false",
      })
  void theFlagsMeanTheSameInEveryGeneration(String golden, String tie, String scale, boolean tied)
      throws IOException {
    Path source = GoldenFolders.of(golden);
    Files.copy(source.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    String config = Files.readString(source.resolve("config.json"));
    config = without(without(config, TIE), SCALE);
    config = with(with(config, TIE, tie), SCALE, scale);
    Files.writeString(folder.resolve("config.json"), config);
    try (T5 expected = Checkpoint.load(source);
        T5 model = Checkpoint.load(folder)) {
      assertEquals(expected.config(), model.config());
      assertEquals(tied, model.config().tied());
      assertEquals(tied, model.config().scaled());
      assertEquals(expected.parameters().keySet(), model.parameters().keySet());
    }
  }

  private static String without(String config, String key) {
    return config.replaceAll(key + ": (true|false),?\\s*", "").replaceAll(",\\s*}\\s*$", "}");
  }

  private static String with(String config, String key, String value) {
    return value.equals("-") ? config : config.replaceFirst("\\{", "{" + key + ": " + value + ",");
  }

  @Test
  void aConfigurationOf2020HasManyKeysThatSayNothingAndLacksSome() {
    T5Config config =
        read(
            """
            {"architectures": ["T5WithLMHeadModel"], "d_ff": 2048, "d_kv": 64, "d_model": 512,
             "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1,
             "initializer_factor": 1.0, "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06,
             "model_type": "t5", "n_positions": 512, "num_heads": 8, "num_layers": 6,
             "output_past": true, "pad_token_id": 0, "relative_attention_num_buckets": 32,
             "task_specific_params": {"summarization": {"early_stopping": true,
               "length_penalty": 2.0, "max_length": 200, "min_length": 30,
               "no_repeat_ngram_size": 3, "num_beams": 4, "prefix": "summarize: "}},
             "vocab_size": 32128}
            """,
            false);
    assertEquals(T5Config.small(), config);
  }

  @Test
  void optionsOfGenerationInTheConfigurationCountWhereTheyHaveNoFileOfTheirOwn()
      throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "t5", "vocab_size": 40, "d_model": 8, "use_cache": true, "prefix": "x",
         "decoder_start_token_id": 3, "eos_token_id": [1, 4], "max_length": 7, "num_beams": 3,
         "min_length": 2, "length_penalty": null, "early_stopping": true, "num_beam_groups": 1,
         "task_specific_params": {"summarization": {"max_length": 200}}}
        """);
    T5Config config = T5Config.small().withVocabSize(40).withIds(0, 1, 3);
    GenerationConfig old = Checkpoint.generation(folder, config);
    assertEquals(7, old.maxLength(1));
    assertEquals(3, old.beams());
    assertEquals(2, old.minLength(1));
    assertEquals(3, old.startId());
    assertArrayEquals(new int[] {1, 4}, old.eosIds());
    assertEquals(GenerationConfig.EarlyStopping.AS_SOON_AS_FULL, old.earlyStopping());
    assertFalse(old.toJson().has("vocab_size") || old.toJson().has("prefix"), old.toString());
    // One file or the other counts, never both.
    Files.writeString(folder.resolve("generation_config.json"), "{\"num_beams\": 2}");
    GenerationConfig separate = Checkpoint.generation(folder, config);
    assertEquals(2, separate.beams());
    assertEquals(21, separate.maxLength(1));
    assertEquals(3, separate.startId());
    Files.writeString(folder.resolve("generation_config.json"), "{\"bos_token_id\": 5}");
    assertEquals(5, Checkpoint.generation(folder, config).startId());
  }

  @Test
  void anOptionOfGenerationThatCannotBeIsNamedWithItsFile() throws IOException {
    Path config = folder.resolve("config.json");
    Files.writeString(config, "{\"model_type\": \"t5\", \"num_beams\": \"3\"}");
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> Checkpoint.generation(folder, T5Config.small()));
    assertTrue(e.getMessage().startsWith(config + ": the key \"num_beams\""), e.getMessage());
  }

  @Test
  void theMultilingualDefaultsAreTheirOwn() {
    T5Config small = read("{\"model_type\": \"mt5\", \"tie_word_embeddings\": false}", true);
    assertEquals(250112, small.vocabSize());
    assertEquals(8, small.encoderLayers());
    assertEquals(8, small.decoderLayers());
    assertEquals(6, small.heads());
    assertEquals(1024, small.innerWidth());
    assertEquals("gated-gelu", small.feedForward().name());
    assertFalse(small.scaled());
    assertTrue(read("{\"model_type\": \"umt5\"}", true).biasInEveryBlock());
    T5Config uneven =
        read("{\"model_type\": \"t5\", \"num_layers\": 12, \"num_decoder_layers\": 4}", true);
    assertEquals(12, uneven.encoderLayers());
    assertEquals(4, uneven.decoderLayers());
    assertEquals(12, read("{\"model_type\": \"t5\", \"num_layers\": 12}", true).decoderLayers());
    assertEquals(
        12,
        read("{\"model_type\": \"t5\", \"num_layers\": 12, \"num_decoder_layers\": null}", true)
            .decoderLayers());
  }

  private static T5Config read(String text, boolean ownHead) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return T5ConfigFile.of(JsonObject.read(Path.of("config.json"), bytes)).withWeights(ownHead);
  }
}
