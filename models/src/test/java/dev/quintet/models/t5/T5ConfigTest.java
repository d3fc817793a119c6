package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class T5ConfigTest {

  // The table of published models: reference/t5.md, section 1.1, from the shapes of their files.
  @ParameterizedTest
  @CsvSource({
    "t5-small, 32128, 512, 64, 8, 6, 6, 2048, relu, true, t5, 60506624",
    "t5-base, 32128, 768, 64, 12, 12, 12, 3072, relu, true, t5, 222903552",
    "t5-large, 32128, 1024, 64, 16, 24, 24, 4096, relu, true, t5, 737668096",
    "t5-3b, 32128, 1024, 128, 32, 24, 24, 16384, relu, true, t5, 2851598336",
    "t5-11b, 32128, 1024, 128, 128, 24, 24, 65536, relu, true, t5, 11307321344",
    "v1.1-small, 32128, 512, 64, 6, 8, 8, 1024, gated-gelu, false, t5, 76961152",
    "v1.1-base, 32128, 768, 64, 12, 12, 12, 2048, gated-gelu, false, t5, 247577856",
    "v1.1-large, 32128, 1024, 64, 16, 24, 24, 2816, gated-gelu, false, t5, 783150080",
    "v1.1-xl, 32128, 2048, 64, 32, 24, 24, 5120, gated-gelu, false, t5, 2849757184",
    "v1.1-xxl, 32128, 4096, 64, 64, 24, 24, 10240, gated-gelu, false, t5, 11135332352",
    "mt5-small, 250112, 512, 64, 6, 8, 8, 1024, gated-gelu, false, mt5, 300176768",
    "mt5-base, 250112, 768, 64, 12, 12, 12, 2048, gated-gelu, false, mt5, 582401280",
    "mt5-large, 250112, 1024, 64, 16, 24, 24, 2816, gated-gelu, false, mt5, 1229581312",
    "mt5-xl, 250112, 2048, 64, 32, 24, 24, 5120, gated-gelu, false, mt5, 3742619648",
    "mt5-xxl, 250112, 4096, 64, 64, 24, 24, 10240, gated-gelu, false, mt5, 12921057280",
    "umt5-small, 256384, 512, 64, 6, 8, 8, 1024, gated-gelu, false, umt5, 306601984",
    "umt5-base, 256384, 768, 64, 12, 12, 12, 2048, gated-gelu, false, umt5, 592043520",
    "umt5-xl, 256384, 2048, 64, 32, 24, 24, 5120, gated-gelu, false, umt5, 3768356864",
    "umt5-xxl, 256384, 4096, 64, 64, 24, 24, 10240, gated-gelu, false, umt5, 12972531712",
    "byt5-small, 384, 1472, 64, 6, 12, 4, 3584, gated-gelu, false, t5, 299637760",
    "byt5-base, 384, 1536, 64, 12, 18, 6, 3968, gated-gelu, false, t5, 581653248",
    "byt5-large, 384, 1536, 64, 16, 36, 12, 3840, gated-gelu, false, t5, 1228183552",
    "byt5-xl, 384, 2560, 64, 32, 36, 12, 6720, gated-gelu, false, t5, 3737801728",
    "byt5-xxl, 384, 4672, 64, 64, 36, 12, 12352, gated-gelu, false, t5, 12906899328",
  })
  void hasThePublishedNumberOfParameters(
      String name,
      int vocabulary,
      int width,
      int head,
      int heads,
      int encoder,
      int decoder,
      int inner,
      String feedForward,
      boolean tied,
      String type,
      long parameters) {
    var keys = new HashMap<String, Object>();
    keys.put("model_type", type);
    keys.put("vocab_size", (long) vocabulary);
    keys.put("d_model", (long) width);
    keys.put("d_kv", (long) head);
    keys.put("num_heads", (long) heads);
    keys.put("num_layers", (long) encoder);
    keys.put("num_decoder_layers", (long) decoder);
    keys.put("d_ff", (long) inner);
    keys.put("feed_forward_proj", feedForward);
    keys.put("tie_word_embeddings", tied);
    var count = new AtomicLong();
    try (var stand = Parameter.empty(Shape.of(1), Device.cpu())) {
      new T5(
          T5ConfigFile.of(JsonObject.of(keys)).withoutWeights(),
          (parameter, shape) -> {
            count.addAndGet(shape.elements());
            return stand;
          });
    }
    assertEquals(parameters, count.get(), name);
  }

  @Test
  void readsTheThreeMeaningsOfTheTieFlag() {
    // transformers 4: v1.0 without the key, v1.1 with it
    T5Config old = file(Map.of()).withWeights(false);
    assertTrue(old.tied());
    assertTrue(old.scaled());
    T5Config v11 = file(Map.of("tie_word_embeddings", false)).withWeights(true);
    assertFalse(v11.tied());
    assertFalse(v11.scaled());
    // flan saved again by transformers 5: tied by its flag, untied by its weights, not scaled
    T5Config flan =
        file(Map.of("tie_word_embeddings", true, "scale_decoder_outputs", false)).withWeights(true);
    assertFalse(flan.tied());
    assertFalse(flan.scaled());
    // a v1.0 fine-tuned with a head of its own keeps the scaling
    assertTrue(file(Map.of()).withWeights(true).scaled());
  }

  @Test
  void aMultilingualModelWithItsOwnHeadIsNotScaled() {
    assertFalse(file(Map.of("model_type", "umt5")).withWeights(true).scaled());
    assertFalse(file(Map.of("model_type", "mt5")).withWeights(false).scaled());
    assertTrue(file(Map.of("model_type", "umt5")).withWeights(false).scaled());
    assertTrue(
        file(Map.of("model_type", "mt5", "scale_decoder_outputs", true))
            .withWeights(true)
            .scaled());
  }

  @Test
  void readsTheGrammarOfTheFeedForwardLayer() {
    assertEquals(Activation.GELU_TANH, FeedForwardKind.of("gated-gelu").activation());
    assertEquals(Activation.GELU, FeedForwardKind.of("gelu").activation());
    assertEquals(Activation.SILU, FeedForwardKind.of("gated-silu").activation());
    assertTrue(FeedForwardKind.of("gated-relu").gated());
    assertThrows(IllegalArgumentException.class, () -> FeedForwardKind.of("relu-gated"));
    assertThrows(IllegalArgumentException.class, () -> FeedForwardKind.of("gated-"));
    assertThrows(IllegalArgumentException.class, () -> FeedForwardKind.of("gated-gated-gelu"));
    var e = assertThrows(IllegalArgumentException.class, () -> FeedForwardKind.of("gated-xielu"));
    assertTrue(e.getMessage().contains("quick_gelu"), e.getMessage());
  }

  /// What transformers 5.18 computes for each combination; `-` where the key is absent.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "t5 | - | - | - | RELU | false",
        "t5 | gated-gelu | - | - | GELU_TANH | true",
        "t5 | gated-gelu | gelu | - | GELU | true",
        "t5 | gated-gelu | gelu_new | true | GELU_TANH | true",
        "t5 | gated-gelu | - | false | GELU_TANH | false",
        "t5 | relu | gelu_new | - | GELU_TANH | false",
        "t5 | gelu | - | true | GELU | true",
        "t5 | gelu | gelu_new | - | GELU_TANH | false",
        "t5 | - | silu | - | SILU | false",
        "t5 | - | - | true | RELU | true",
        "t5 | gated | relu | - | RELU | true",
        "t5 | foo | relu | - | RELU | false",
        "mt5 | - | silu | - | SILU | true",
        "mt5 | - | - | true | GELU_TANH | true",
        "mt5 | relu | gelu_new | - | GELU_TANH | false",
        "umt5 | - | - | false | GELU_TANH | false",
        "umt5 | gated-gelu | gelu | - | GELU | true",
      })
  void theOtherTwoKeysWinOverTheProjections(
      String type, String projection, String function, String gate, Activation act, boolean gated) {
    var keys = new HashMap<String, Object>(Map.of("model_type", type));
    put(keys, "feed_forward_proj", projection);
    put(keys, "dense_act_fn", function);
    if (!gate.equals("-")) {
      keys.put("is_gated_act", Boolean.valueOf(gate));
    }
    T5Config config = file(keys).withoutWeights();
    assertEquals(act, config.feedForward().activation());
    assertEquals(gated, config.feedForward().gated());
    JsonObject written = T5ConfigFile.write(config);
    assertEquals(config, T5ConfigFile.of(written).withoutWeights());
    // A reader that knows the projection's key alone makes the same layer of it.
    FeedForwardKind alone = FeedForwardKind.of(written.string("feed_forward_proj").orElseThrow());
    assertEquals(config.feedForward(), alone);
  }

  private static void put(Map<String, Object> keys, String key, String value) {
    if (!value.equals("-")) {
      keys.put(key, value);
    }
  }

  @Test
  void everyFeedForwardLayerComesBackUnderItsName() {
    for (Activation activation : Activation.values()) {
      for (boolean gated : new boolean[] {false, true}) {
        FeedForwardKind kind =
            FeedForwardKind.of("relu", Optional.of(activation.key()), Optional.of(gated));
        assertEquals(activation, kind.activation());
        assertEquals(kind, FeedForwardKind.of(kind.name()), kind.name());
      }
    }
  }

  @Test
  void theCommonNamesOfSizesWinAsInTransformers() {
    T5Config config =
        file(Map.of(
                "hidden_size",
                96L,
                "d_model",
                64L,
                "num_hidden_layers",
                2L,
                "num_attention_heads",
                3L,
                "head_dim",
                24L,
                "num_layers",
                5L))
            .withoutWeights();
    assertEquals(96, config.modelWidth());
    assertEquals(2, config.encoderLayers());
    assertEquals(5, config.decoderLayers());
    assertEquals(3, config.heads());
    assertEquals(24, config.headWidth());
  }

  @Test
  void aSizeBeyondAnyModelIsRefusedBeforeSomethingIsMadeOfIt() {
    for (String key :
        List.of(
            "vocab_size",
            "d_model",
            "d_kv",
            "d_ff",
            "num_heads",
            "num_layers",
            "num_decoder_layers",
            "relative_attention_num_buckets")) {
      for (Object size : List.of(1_000_000_000L, 2_147_483_646L, 3_000_000_000L, -2L, 1e300)) {
        assertMessage(Map.of(key, size), key);
      }
    }
  }

  @Test
  void namesTheKeyThatCannotBe() {
    assertMessage(Map.of("dense_act_fn", "gated-gelu"), "dense_act_fn");
    assertMessage(Map.of("dense_act_fn", 3L), "dense_act_fn");
    assertMessage(Map.of("is_gated_act", "true"), "is_gated_act");
    assertMessage(Map.of("feed_forward_proj", "a-b", "dense_act_fn", "relu"), "feed_forward_proj");
    assertMessage(Map.of("decoder_start_token_id", 99999L), "decoder_start_token_id");
    assertMessage(Map.of("d_model", -1L), "d_model");
    assertMessage(Map.of("d_model", "wide"), "d_model");
    assertMessage(Map.of("num_heads", 100000L, "d_kv", 100000L), "num_heads");
    assertMessage(Map.of("num_layers", 2.5), "num_layers");
    assertMessage(Map.of("dropout_rate", 1.0), "dropout_rate");
    assertMessage(Map.of("feed_forward_proj", "gated"), "feed_forward_proj");
    assertMessage(Map.of("pad_token_id", 99999L), "pad_token_id");
    assertMessage(Map.of("model_type", "bart"), "model_type");
    assertMessage(Map.of("tie_word_embeddings", "yes"), "tie_word_embeddings");
  }

  @Test
  void readsWhatItWrites() {
    T5Config config =
        T5Config.small().v11().withLayers(3, 5).withWidths(64, 16, 3, 96).withVocabSize(500);
    T5ConfigFile file = T5ConfigFile.of(T5ConfigFile.write(config));
    assertEquals(config, file.withoutWeights());
    assertEquals(config, file.withWeights(true));
    T5Config tied = T5Config.small().withDropout(0.25f);
    assertEquals(tied, T5ConfigFile.of(T5ConfigFile.write(tied)).withWeights(false));
  }

  private static T5ConfigFile file(Map<String, Object> keys) {
    var all = new HashMap<String, Object>(Map.of("model_type", "t5"));
    all.putAll(keys);
    return T5ConfigFile.of(JsonObject.of(all));
  }

  private static void assertMessage(Map<String, Object> keys, String key) {
    var e = assertThrows(IllegalArgumentException.class, () -> file(keys).withWeights(false));
    assertTrue(e.getMessage().contains(key), e.getMessage());
  }
}
