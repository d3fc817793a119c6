package dev.quintet.models.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.bottleneck.Bottleneck;
import dev.quintet.models.adapt.lora.AdaLora;
import dev.quintet.models.adapt.lora.Lora;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.prompt.PrefixTuning;
import dev.quintet.models.adapt.prompt.PromptTuning;
import dev.quintet.models.adapt.scale.Ia3;
import dev.quintet.models.adapt.scale.NormTuning;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.t5.T5;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Prompts of several adapters in one call.
class MixedAdaptersTest {
  private static final Map<String, AdapterMethod> METHODS = new LinkedHashMap<>();

  static {
    METHODS.put("lora", Lora.rank(2));
    METHODS.put("all", Lora.rank(3).onMatching("all-linear").withModulesToSave("lm_head"));
    METHODS.put("dora", Lora.rank(2).withDecomposition().on("q", "wo", "lm_head"));
    METHODS.put("embedding", Lora.rank(2).on("embed_tokens"));
    METHODS.put("adalora", AdaLora.ranks(4, 2, 10));
    METHODS.put("ia3", Ia3.standard());
    METHODS.put("ln", NormTuning.standard());
    METHODS.put("narrow", Bottleneck.houlsby(4));
    METHODS.put("prompt", PromptTuning.tokens(3));
    METHODS.put("prefix", PrefixTuning.tokens(2));
  }

  private final TextToText text = text();

  private static TextToText text() {
    Tokenizer tokenizer =
        Tokenizer.of(
            ByteBpeTrainer.of(300)
                .train(List.of("the quick brown fox jumps over the lazy dog", "the other dogs")));
    var config = TinyModels.v11(tokenizer.vocabularySize() + 3);
    T5 model =
        T5.create(
            config.withIds(tokenizer.padId().orElse(0), tokenizer.eosId().orElseThrow(), 0),
            5,
            Device.cpu());
    Adapters adapters = Adapters.of(model);
    METHODS.forEach((name, method) -> {
      adapters.add(name, method, 7);
      // as if it were trained: everything is somewhat off
      adapters
          .get(name)
          .parameters()
          .values()
          .forEach(parameter -> {
            float[] values = parameter.toFloats();
            float[] noise = TinyModels.random(name.hashCode(), values.length);
            for (int i = 0; i < values.length; i++) {
              values[i] += 0.3f * noise[i];
            }
            parameter.set(values);
          });
    });
    return TextToText.of(model, tokenizer);
  }

  @AfterEach
  void close() {
    text.close();
  }

  private List<String> prompts() {
    var prompts = new ArrayList<String>();
    String words = "the quick brown fox jumps over the lazy dog and others ";
    for (int i = 0; i < 2 * METHODS.size() + 3; i++) {
      prompts.add(words.repeat(2).substring(i, 2 * i + 4 + 3 * (i % 5)));
    }
    return prompts;
  }

  private List<String> names() {
    var all = new ArrayList<>(METHODS.keySet());
    all.add(3, "");
    var names = new ArrayList<String>();
    for (int i = 0; i < prompts().size(); i++) {
      names.add(all.get(i * 7 % all.size()));
    }
    return names;
  }

  @ParameterizedTest
  @ValueSource(strings = {"greedy", "beams", "sampled"})
  void eachPromptGetsWhatItGetsAlone(String kind) {
    GenerationConfig generation =
        switch (kind) {
          case "beams" -> text.generation().with("num_beams", 3).with("num_return_sequences", 2);
          case "sampled" ->
              text.generation().with("do_sample", true).with("num_return_sequences", 2);
          default -> text.generation();
        };
    TextOptions options =
        TextOptions.of(generation.with("max_new_tokens", 6)).withSeed(3).withBatch(9);
    var together = text.answers(prompts(), options.withAdapters(names()));
    var different = new LinkedHashSet<String>();
    for (int i = 0; i < prompts().size(); i++) {
      var alone =
          text.answers(List.of(prompts().get(i)), options.withFirst(i).withAdapter(names().get(i)));
      for (int j = 0; j < alone.getFirst().size(); j++) {
        assertEquals(
            Arrays.toString(alone.getFirst().get(j).ids()),
            Arrays.toString(together.get(i).get(j).ids()),
            names().get(i) + " in row " + i);
      }
      var plain = text.answers(List.of(prompts().get(i)), options.withFirst(i).withAdapter(""));
      if (!Arrays.equals(plain.getFirst().getFirst().ids(), alone.getFirst().getFirst().ids())) {
        different.add(names().get(i));
      }
    }
    assertTrue(different.size() > METHODS.size() / 2, "no change by most adapters: " + different);
  }

  @Test
  void logitsOfMixedRowsAreThoseOfEachAlone() {
    List<String> names = List.of("lora", "all", "all", "", "dora", "ia3", "ln", "narrow");
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      T5 model = text.model();
      int[][] ids = new int[names.size()][5];
      for (int i = 0; i < ids.length; i++) {
        for (int j = 0; j < 5; j++) {
          ids[i][j] = 3 + (i * 31 + j * 17) % 200;
        }
      }
      Tensor all = TinyModels.ints(ids);
      Tensor together = text.adapters().with(names, () -> logits(model, all));
      for (int i = 0; i < ids.length; i++) {
        Tensor one = TinyModels.ints(new int[][] {ids[i]});
        float[] alone =
            text.adapters().with(List.of(names.get(i)), () -> logits(model, one)).toFloats();
        float[] row = together.slice(0, i, i + 1).toFloats();
        float largest = 0;
        for (float value : alone) {
          largest = Math.max(largest, Math.abs(value));
        }
        for (int j = 0; j < alone.length; j++) {
          assertEquals(alone[j], row[j], 1e-5 * largest, names.get(i));
        }
      }
    }
  }

  private static Tensor logits(T5 model, Tensor ids) {
    int[] ones = new int[(int) ids.elements()];
    Arrays.fill(ones, 1);
    Tensor mask = Tensor.ofInts(ids.shape(), ones);
    Tensor memory = model.encode(ids, mask, Pass.inference());
    return model.logits(model.decode(ids, memory, mask, Pass.inference()));
  }

  @Test
  void theModelsOwnAdapterIsForPromptsThatNameNone() {
    List<String> prompt = List.of("the quick brown fox");
    TextOptions options = TextOptions.of(text.generation().with("max_new_tokens", 6));
    var lora = text.answers(prompt, options.withAdapter("all"));
    text.adapters().use("all");
    assertEquals(
        lora.getFirst().getFirst().text(),
        text.answers(prompt, options).getFirst().getFirst().text());
    text.adapters().useNone();
    assertNotEquals(
        lora.getFirst().getFirst().text(),
        text.answers(prompt, options).getFirst().getFirst().text());
  }

  @Test
  void namesThatDoNotFitAreRefused() {
    TextOptions options = TextOptions.of(text.generation());
    List<String> two = List.of("a", "b");
    assertTrue(
        assertThrows(
                AdapterException.class, () -> text.answers(two, options.withAdapter("no-such")))
            .getMessage()
            .contains("no-such"));
    assertTrue(
        assertThrows(
                AdapterException.class,
                () -> text.answers(two, options.withAdapters(List.of("lora", "lora", "lora"))))
            .getMessage()
            .contains("2 prompts"));
  }

  @Test
  void anAdapterIsNotRemovedUnderACallThatUsesIt() {
    TextOptions options =
        TextOptions.of(text.generation().with("max_new_tokens", 4))
            .withAdapter("lora")
            .withListener((prompt, answer, piece) -> text.adapters().remove("lora"));
    assertThrows(
        IllegalStateException.class,
        () -> text.answers(List.of("the quick brown fox jumps over the dog"), options));
    assertTrue(text.adapters().names().contains("lora"));
  }
}
