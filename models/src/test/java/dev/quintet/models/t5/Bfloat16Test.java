package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.vocabulary.VocabularySwitch;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.SaveOptions;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.tokenizers.compare.VocabularyMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Models in bfloat16 beside those of the same weights in float32.
@Tag("deferred")
class Bfloat16Test {
  private static final int[][] IDS = {{5, 6, 7, 8, 9, 1}, {12, 13, 14, 1, 0, 0}};
  private static final int[][] MASK = {{1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 0, 0}};
  private static final int[][] LABELS = {{21, 22, 23, 1}, {24, 1, -100, -100}};
  private static final T5Config SIZES = TinyModels.v10(30);
  private static final Pass PASS = Pass.inference();
  private static final CrossEntropyOptions MEAN = CrossEntropyOptions.MEAN;

  @TempDir Path folder;

  static Stream<T5Config> variants() {
    return Stream.of(
        SIZES,
        TinyModels.v11(30),
        TinyModels.umt5(30),
        TinyModels.v11(30).withFeedForward("gated-silu").withHead(true, true),
        SIZES.withFeedForward("gelu").withHead(false, false),
        SIZES.withFeedForward("tanh").withLayers(3, 1),
        SIZES.withFeedForward("gated-relu").withWidths(16, 3, 5, 20));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyVariantsLossAndGradientsAreNearThoseOfFloat32(T5Config config) {
    try (T5 model = T5.create(config, 3, Device.cpu())) {
      compare(model, m -> m.loss(ids(), mask(), ints(LABELS), PASS, MEAN).loss());
    }
  }

  @Test
  void everyTasksLossAndGradientsAreNearThoseOfFloat32() {
    classifies(TaskHead.of(3), () -> Tensor.ofInts(Shape.of(2), 2, 0));
    classifies(TaskHead.of(1), () -> Tensor.of(Shape.of(2), 0.5f, -1));
    classifies(TaskHead.of(3), () -> Tensor.of(Shape.of(2, 3), 1, 0, 1, 0, 0, 1));
    try (var model = T5TokenClassifier.create(SIZES, TaskHead.of(30), 3, Device.cpu())) {
      compare(model, m -> m.loss(ids(), mask(), ids(), PASS, MEAN).loss());
    }
    try (var model = T5QuestionAnswerer.create(SIZES, 3, Device.cpu())) {
      int[] starts = {1, 0};
      compare(model, m -> m.loss(m.spans(ids(), mask(), PASS), starts, new int[] {4, 2}));
    }
  }

  private static void classifies(TaskHead head, Supplier<Tensor> labels) {
    try (var model = T5SequenceClassifier.create(SIZES, head, 3, Device.cpu())) {
      compare(model, m -> m.loss(ids(), mask(), labels.get(), PASS, MEAN).loss());
    }
  }

  /// Of weights that bfloat16 holds.
  private static <M extends T5Family> void compare(M model, Function<M, Tensor> loss) {
    model.to(DType.BF16).to(DType.F32);
    float exact = backward(model, loss);
    List<float[]> wide = gradients(model);
    model.to(DType.BF16);
    assertEquals(exact, backward(model, loss), 0.02f * exact);
    List<float[]> narrow = gradients(model);
    double difference = 0;
    double size = 0;
    for (int i = 0; i < wide.size(); i++) {
      for (int j = 0; j < wide.get(i).length; j++) {
        difference += Math.pow(wide.get(i)[j] - narrow.get(i)[j], 2);
        size += Math.pow(wide.get(i)[j], 2);
      }
    }
    assertTrue(
        difference < 0.06 * 0.06 * size, "gradients differ by " + Math.sqrt(difference / size));
  }

  private static <M extends T5Family> float backward(M model, Function<M, Tensor> loss) {
    model.zeroGradients();
    try (var _ = Scope.open(Device.cpu())) {
      Tensor value = loss.apply(model);
      value.backward();
      return value.item();
    }
  }

  private static List<float[]> gradients(T5Family model) {
    return model.parameters().values().stream()
        .filter(Parameter::hasGradient)
        .map(parameter -> parameter.gradient().toFloats())
        .toList();
  }

  @Test
  void everyWayToGenerateTakesLogitsOfBfloat16() {
    try (T5 model = T5.create(SIZES, 3, Device.cpu())) {
      model.to(DType.BF16);
      GenerationConfig greedy =
          GenerationConfig.of(SIZES).with("eos_token_id", List.of()).withMaxNewTokens(6);
      List<int[]> inputs = List.of(IDS[0], new int[] {12, 13, 1});
      Generator generator = Generator.of(model);
      for (GenerationConfig config :
          List.of(
              greedy,
              greedy.with("repetition_penalty", 1.5),
              greedy.with("num_beams", 3),
              greedy.with("do_sample", true).with("top_p", 0.9).with("top_k", 5))) {
        int[][] found = generator.generate(inputs, config);
        assertEquals(7, found[0].length);
        assertArrayEquals(found, generator.generate(inputs, config));
      }
    }
  }

  @Test
  void aModelIsSavedInEitherTypeAndLoadedAsItWas() {
    try (T5 model = T5.create(TinyModels.v11(30), 3, Device.cpu())) {
      model.to(DType.BF16);
      for (SafetensorsType type : List.of(SafetensorsType.BF16, SafetensorsType.F32)) {
        Path place = folder.resolve(type.name());
        Checkpoint.save(
            model, GenerationConfig.of(model.config()), place, SaveOptions.DEFAULT.withType(type));
        try (T5 again = Checkpoint.load(place)) {
          again
              .parameters()
              .forEach((name, value) ->
                  assertArrayEquals(
                      model.parameters().get(name).toFloats(), value.toFloats(), name));
          again.to(DType.BF16); // of what lies in a mapped file, too
          assertEquals(DType.BF16, again.parameters().get("shared.weight").type());
          assertArrayEquals(
              model.parameters().get("shared.weight").toFloats(),
              again.parameters().get("shared.weight").toFloats());
        }
      }
    }
  }

  @Test
  void aModelIsSavedInItsOwnTypeIfNothingIsSaid() throws IOException {
    try (T5 model = T5.create(SIZES, 3, Device.cpu())) {
      long[] sizes = new long[2];
      for (DType type : List.of(DType.F32, DType.BF16)) {
        model.to(type);
        Path place = folder.resolve("own" + type);
        Checkpoint.save(model, place);
        sizes[type == DType.F32 ? 0 : 1] = Files.size(place.resolve("model.safetensors"));
        String said = type == DType.F32 ? "\"float32\"" : "\"bfloat16\"";
        assertTrue(Files.readString(place.resolve("config.json")).contains(said));
      }
      assertEquals(2 * model.parameterCount(), sizes[0] - sizes[1], 16);
    }
  }

  @Test
  void everyActivationTakesBfloat16() {
    for (Activation activation : Activation.values()) {
      try (var _ = Scope.open(Device.cpu())) {
        Tensor narrow = Tensor.normal(Shape.of(64), 5).cast(DType.BF16).detach().withGradient();
        Tensor wide = narrow.cast(DType.F32).detach().withGradient();
        Tensor y = activation.apply(narrow).add(0);
        Tensor expected = activation.apply(wide).add(0);
        assertEquals(DType.BF16, y.type(), activation.key());
        y.backward(Tensor.ones(y.shape()).cast(DType.BF16));
        expected.backward(Tensor.ones(y.shape()));
        assertArrayEquals(expected.toFloats(), y.toFloats(), 0.04f, activation.key());
        assertArrayEquals(
            wide.gradient().toFloats(), narrow.gradient().toFloats(), 0.04f, activation.key());
      }
    }
  }

  @Test
  void anotherVocabularysRowsAreOfTheOldOnesType() {
    VocabularyMap map = new VocabularyMap(30, new int[] {0, 1, 3, 3}, new int[] {29, 4, 5});
    try (T5 model = T5.create(TinyModels.v11(30), 3, Device.cpu())) {
      model.to(DType.BF16).to(DType.F32);
      try (T5 wide = VocabularySwitch.apply(model, map, 0, 1, 0)) {
        model.to(DType.BF16);
        wide.to(DType.BF16);
        try (T5 now = VocabularySwitch.apply(model, map, 0, 1, 0)) {
          now.parameters()
              .forEach((name, value) -> {
                assertEquals(DType.BF16, value.type(), name);
                assertArrayEquals(wide.parameters().get(name).toFloats(), value.toFloats(), name);
              });
        }
      }
    }
  }

  private static Tensor ids() {
    return ints(IDS);
  }

  private static Tensor mask() {
    return ints(MASK);
  }

  private static Tensor ints(int[][] rows) {
    return TinyModels.ints(rows);
  }
}
