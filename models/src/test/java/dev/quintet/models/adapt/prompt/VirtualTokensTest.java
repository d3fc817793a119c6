package dev.quintet.models.adapt.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.AdapterMethods;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5EncoderDecoder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VirtualTokensTest {
  private static final int[][] IDS = {{5, 6, 7, 8, 9, 1}, {11, 12, 1, 0, 0, 0}};
  private static final int[][] MASK = {{1, 1, 1, 1, 1, 1}, {1, 1, 1, 0, 0, 0}};
  private static final int[][] TARGET = {{0, 21, 22, 23}, {0, 24, 25, 26}};

  @TempDir Path temporary;

  private final T5 model = T5.create(TinyModels.v11(40), 7, Device.cpu());
  private final Adapters adapters = Adapters.of(model);

  @AfterEach
  void close() {
    model.close();
  }

  private static AdapterMethod method(String name) {
    return switch (name) {
      case "prompt" -> PromptTuning.tokens(3);
      case "vocabulary" -> PromptTuning.tokens(3).fromVocabulary();
      case "p-tuning" -> PTuning.tokens(3).withHidden(10);
      case "prefix" -> PrefixTuning.tokens(3);
      default -> PrefixTuning.tokens(3).withProjection(10);
    };
  }

  private float[] logits() {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      Tensor mask = TinyModels.ints(MASK);
      Tensor memory = model.encode(TinyModels.ints(IDS), mask, Pass.inference());
      Tensor states = model.decode(TinyModels.ints(TARGET), memory, mask, Pass.inference());
      return model.logits(states).toFloats();
    }
  }

  /// The logits behind the last token, of three rows for each input that are decoded token by token.
  private float[] steps() {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      Tensor mask = TinyModels.ints(MASK);
      Tensor memory = model.encode(TinyModels.ints(IDS), mask, Pass.inference());
      var cache = model.cache(memory, mask, 2, 3);
      int[][] tripled = {TARGET[0], TARGET[0], TARGET[0], TARGET[1], TARGET[1], TARGET[1]};
      float[] last = new float[0];
      for (int i = 0; i < 4; i++) {
        int[][] next = new int[6][];
        for (int row = 0; row < 6; row++) {
          next[row] = new int[] {tripled[row][i]};
        }
        cache.reserve(i + 1);
        cache.reorder(new int[] {1, 0, 2, 3, 5, 4});
        last = model.step(TinyModels.ints(next), cache).toFloats();
      }
      return last;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "p-tuning", "prefix", "projected"})
  void decodingTokenByTokenWithBeamsGivesWhatDecodingAtOnceDoes(String name) {
    float[] plain = logits();
    adapters.add("tags", method(name), 3);
    adapters.use("tags");
    float[] whole = logits();
    assertFalse(java.util.Arrays.equals(plain, whole));
    float[] last = steps();
    for (int row = 0; row < 6; row++) {
      for (int v = 0; v < 40; v++) {
        assertEquals(whole[(row / 3 * 4 + 3) * 40 + v], last[row * 40 + v], 1e-4f);
      }
    }
    adapters.remove("tags");
    assertArrayEquals(plain, logits());
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "vocabulary", "p-tuning", "prefix", "projected"})
  void whatIsSavedComputesTheSame(String name) throws Exception {
    adapters.add("tags", method(name), 3);
    adapters.use("tags");
    float[] expected = logits();
    Path folder = temporary.resolve("tags");
    adapters.save("tags", folder);
    try (var file = SafetensorsFile.open(folder.resolve("adapter_model.safetensors"))) {
      assertEquals(List.of("prompt_embeddings"), List.copyOf(file.names()));
    }
    Adapter again = adapters.load("again", folder);
    assertEquals(List.of(), again.notes());
    adapters.use("again");
    float[] found = logits();
    for (int i = 0; i < expected.length; i++) {
      // a network's numbers are computed by another kernel, column by column, than the table that
      // is saved
      assertEquals(expected[i], found[i], name.equals("projected") ? 1e-5f : 0);
    }
    adapters.save("again", temporary.resolve("again"));
    assertEquals(
        -1,
        java.nio.file.Files.mismatch(
            folder.resolve("adapter_config.json"), temporary.resolve("again/adapter_config.json")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "p-tuning", "prefix", "projected"})
  void gradientsReachTheVirtualTokensAndNothingElse(String name) {
    Adapter adapter = adapters.add("tags", method(name), 3);
    adapters.use("tags");
    double before = loss(true);
    double slope = 0;
    for (var one : adapter.parameters().values()) {
      assertTrue(one.hasGradient(), one + " has no gradient");
      for (float value : one.gradient().toFloats()) {
        slope += (double) value * value;
      }
    }
    model
        .parameters()
        .forEach((path, parameter) ->
            assertEquals(
                adapter.parameters().containsValue(parameter), parameter.hasGradient(), path));
    // one step down the gradient, of which the loss falls by its square
    double rate = 1e-3 / Math.sqrt(slope);
    for (var one : adapter.parameters().values()) {
      float[] values = one.toFloats();
      float[] gradient = one.gradient().toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] -= (float) (rate * gradient[i]);
      }
      try (var _ = Scope.openWithoutGradients(Device.cpu())) {
        one.set(Tensor.of(one.shape(), values));
      }
    }
    double fell = before - loss(false);
    assertEquals(1, fell / (rate * slope), 0.05, "fell by " + fell + " for " + rate * slope);
  }

  private double loss(boolean backward) {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor loss =
          model
              .loss(
                  TinyModels.ints(IDS),
                  TinyModels.ints(MASK),
                  TinyModels.ints(TARGET),
                  Pass.inference(),
                  CrossEntropyOptions.MEAN)
              .loss();
      if (backward) {
        loss.backward();
      }
      return loss.item();
    }
  }

  @Test
  void aPrefixOfTheModelsWidthIsRefusedWhereHeadsAreNarrower() {
    var wide = new PrefixTuning(new PromptSizes(3, 32, 0, 0, 2), false, 0, false, List.of());
    var e = assertThrows(AdapterException.class, () -> adapters.add("tags", wide, 3));
    assertTrue(e.getMessage().contains("token_dim must be"), e.getMessage());
    assertTrue(e.getMessage().contains("= 24 on this base (d_model is 32"), e.getMessage());
    var few = new PrefixTuning(new PromptSizes(3, 0, 0, 1, 2), false, 0, false, List.of());
    e = assertThrows(AdapterException.class, () -> adapters.add("tags", few, 3));
    assertTrue(e.getMessage().contains("num_layers must be at least the 2"), e.getMessage());
    assertEquals(List.of(), adapters.names());
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "prefix"})
  void packedRowsAreRefused(String name) {
    adapters.add("tags", method(name), 3);
    adapters.use("tags");
    try (var _ = Scope.open(Device.cpu())) {
      var segments =
          new T5EncoderDecoder.Segments(
              TinyModels.ints(MASK), Tensor.ofInts(Shape.of(2, 4), 1, 1, 1, 1, 1, 1, 1, 1));
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  model.packedCrossEntropy(
                      TinyModels.ints(IDS),
                      TinyModels.ints(TARGET),
                      TinyModels.ints(TARGET),
                      segments,
                      Pass.inference(),
                      CrossEntropyOptions.MEAN));
      assertTrue(e.getMessage().contains("without packing"), e.getMessage());
    }
  }

  @Test
  void anLstmsRowsLoadAndItsTrainingIsRefusedByName() {
    var json =
        JsonObject.of(
            "here",
            Map.of("method", "p-tuning", "tokens", 3, "encoder_reparameterization_type", "LSTM"));
    var e =
        assertThrows(
            AdapterException.class, () -> adapters.add("tags", AdapterMethods.of(json), 1));
    assertTrue(e.getMessage().contains("LSTM is not trained here: take MLP"), e.getMessage());
  }

  @Test
  void aPromptThatBeginsWithATextHasTheRowsOfItsTokensInTurn() {
    var text =
        new PromptTuning(
            PromptSizes.of(3), PromptTuning.Start.TEXT, "two words", "", List.of(7, 9), List.of());
    float[] table = model.shared().weight().toFloats();
    float[] made = adapters.add("tags", text, 1).parameters().get("prompt_embeddings").toFloats();
    assertEquals(6 * 32, made.length);
    for (int i = 0; i < made.length; i++) {
      assertEquals(table[(i / 32 % 2 == 0 ? 7 : 9) * 32 + i % 32], made[i]);
    }
    var bare =
        new PromptTuning(
            PromptSizes.of(3), PromptTuning.Start.TEXT, "two words", "", List.of(), List.of());
    var e = assertThrows(AdapterException.class, () -> adapters.add("bare", bare, 1));
    assertTrue(e.getMessage().contains("whose ids nobody gave"), e.getMessage());
  }

  @Test
  void beamsGoOnBehindAPrefixAsWithoutACache() {
    adapters.add("tags", PrefixTuning.tokens(4), 5);
    adapters.use("tags");
    var config = GenerationConfig.of(model.config()).with("max_new_tokens", 6).with("num_beams", 3);
    var found = Generator.of(model).generateScored(IDS, MASK, config);
    for (int row = 0; row < 2; row++) {
      int length = found.lengths()[row];
      assertEquals(found.scores()[row], score(row, found.sequences()[row], length), 1e-4);
    }
  }

  private double score(int row, int[] sequence, int length) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      Tensor mask = TinyModels.ints(new int[][] {MASK[row]});
      Tensor memory = model.encode(TinyModels.ints(new int[][] {IDS[row]}), mask, Pass.inference());
      int[] given = java.util.Arrays.copyOf(sequence, length - 1);
      Tensor states =
          model.decode(TinyModels.ints(new int[][] {given}), memory, mask, Pass.inference());
      float[] logs = model.logits(states).logSoftmax().toFloats();
      double sum = 0;
      for (int i = 1; i < length; i++) {
        sum += logs[(i - 1) * 40 + sequence[i]];
      }
      return sum / (length - 1);
    }
  }
}
