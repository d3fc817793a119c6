package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.bottleneck.Bottleneck;
import dev.quintet.models.adapt.lora.Lora;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.prompt.PrefixTuning;
import dev.quintet.models.adapt.prompt.PromptTuning;
import dev.quintet.models.adapt.scale.Ia3;
import dev.quintet.models.adapt.scale.NormTuning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows that are computed without their padding.
class PackedRowsTest {
  private static final int[] SOURCES = {20, 3, 17, 1, 9};
  private static final int[] TARGETS = {7, 12, 1, 4, 9};

  private static T5Config config(String variant) {
    return switch (variant) {
      case "v10" -> TinyModels.v10(60);
      case "v11" -> TinyModels.v11(60);
      default -> TinyModels.umt5(60);
    };
  }

  private static int[][] rows(int[] lengths, int filler, long seed) {
    var random = new Random(seed);
    int most = Arrays.stream(lengths).max().orElseThrow();
    int[][] rows = new int[lengths.length][most];
    for (int r = 0; r < rows.length; r++) {
      for (int i = 0; i < most; i++) {
        rows[r][i] = i < lengths[r] ? 2 + random.nextInt(50) : filler;
      }
    }
    return rows;
  }

  private static int[][] mask(int[][] ids) {
    int[][] mask = new int[ids.length][ids[0].length];
    for (int r = 0; r < ids.length; r++) {
      for (int i = 0; i < ids[r].length; i++) {
        mask[r][i] = ids[r][i] == 0 ? 0 : 1;
      }
    }
    return mask;
  }

  private static Map<String, float[]> step(T5 model) {
    return step(model, rows(SOURCES, 0, 1), rows(TARGETS, -100, 2));
  }

  private static Map<String, float[]> step(T5 model, int[][] ids, int[][] targets) {
    model.zeroGradients();
    var found = new LinkedHashMap<String, float[]>();
    try (var _ = Scope.open(Device.cpu())) {
      Tensor labels = TinyModels.ints(targets);
      Tensor loss =
          Scope.local(() ->
              model.crossEntropy(
                  TinyModels.ints(ids),
                  TinyModels.ints(mask(ids)),
                  model.shiftRight(labels),
                  labels,
                  Pass.training(5, 3, 7),
                  CrossEntropyOptions.MEAN));
      found.put("loss", loss.toFloats());
      loss.backward();
      model
          .parameters()
          .forEach((name, p) -> {
            if (p.trains()) {
              found.put(name, p.gradient().toFloats());
            }
          });
    }
    return found;
  }

  /// The losses are one, and the gradients but for rounding.
  private static void assertEqualsPadded(T5 model, int[][] ids, int[][] targets) {
    var packed = step(model, ids, targets);
    model.packedRows(false);
    var padded = step(model, ids, targets);
    model.packedRows(true);
    assertEquals(padded.get("loss")[0], packed.get("loss")[0]);
    assertEquals(padded.keySet(), packed.keySet());
    padded.forEach((name, gradient) -> assertClose(gradient, packed.get(name), name));
  }

  private static void assertClose(float[] expected, float[] found, String name) {
    float most = 0;
    for (float one : expected) {
      most = Math.max(most, Math.abs(one));
    }
    assertArrayEquals(expected, found, 1e-5f * most, name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v10", "v11", "umt5"})
  void aLossIsTheOneWithPaddingBitForBitAndGradientsAreButForRounding(String variant) {
    try (T5 model = T5.create(config(variant), 7, Device.cpu())) {
      model.dropout(0.3f);
      assertEqualsPadded(model, rows(SOURCES, 0, 1), rows(TARGETS, -100, 2));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v10", "v11", "umt5"})
  void statesOfTokensAreTheOnesWithPaddingBitForBit(String variant) {
    try (T5 model = T5.create(config(variant), 7, Device.cpu());
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      int[][] ids = rows(SOURCES, 0, 1);
      Tensor mask = TinyModels.ints(mask(ids));
      float[] packed = model.encode(TinyModels.ints(ids), mask, Pass.inference()).toFloats();
      model.packedRows(false);
      float[] padded = model.encode(TinyModels.ints(ids), mask, Pass.inference()).toFloats();
      int width = model.config().modelWidth();
      for (int i = 0; i < padded.length; i++) {
        boolean token = i / width % ids[0].length < SOURCES[i / width / ids[0].length];
        assertEquals(token ? padded[i] : 0, packed[i], "" + i);
      }
    }
  }

  @Test
  void aLossSkipsLabelsThatDoNotCountAndRowsWithoutAny() {
    try (T5 model = T5.create(config("v11"), 7, Device.cpu())) {
      model.dropout(0.2f);
      int[][] targets = rows(TARGETS, -100, 2);
      targets[0][2] = -100;
      targets[1][0] = -100;
      Arrays.fill(targets[3], -100);
      assertEqualsPadded(model, rows(SOURCES, 0, 1), targets);
      int[] equal = {6, 6, 6};
      assertEqualsPadded(model, rows(equal, 0, 1), rows(new int[] {1, 4, 2}, -100, 2));
      assertEqualsPadded(model, rows(new int[] {9, 1, 2}, 0, 1), rows(equal, -100, 2));
      for (int[] row : targets) {
        Arrays.fill(row, -100);
      }
      assertEqualsPadded(model, rows(SOURCES, 0, 1), targets);
    }
  }

  @Test
  void masksThatHideABeginningOrAMiddleOrARowAreComputedWithPadding() {
    try (T5 model = T5.create(config("v10"), 7, Device.cpu())) {
      model.dropout(0.2f);
      int[][] targets = rows(TARGETS, -100, 2);
      for (int hidden : new int[] {0, 4}) {
        int[][] ids = rows(SOURCES, 0, 1);
        ids[2][hidden] = 0;
        var found = step(model, ids, targets);
        model.packedRows(false);
        var padded = step(model, ids, targets);
        model.packedRows(true);
        padded.forEach((name, values) -> assertArrayEquals(values, found.get(name), name));
      }
      int[][] ids = rows(SOURCES, 0, 1);
      Arrays.fill(ids[3], 0);
      assertEqualsPadded(model, ids, targets);
    }
  }

  @Test
  void blocksThatAreComputedAnewHaveTheSameGradientsBitForBit() {
    try (T5 model = T5.create(config("umt5"), 7, Device.cpu())) {
      model.dropout(0.3f);
      var expected = step(model);
      model.checkpointing(true);
      step(model).forEach((name, values) -> assertArrayEquals(expected.get(name), values, name));
    }
  }

  @Test
  void resultsDoNotDependOnThreads() {
    try (T5 model = T5.create(config("v11"), 7, Device.cpu())) {
      model.dropout(0.3f);
      int threads = CpuBackend.threads();
      var expected = step(model);
      try {
        CpuBackend.threads(3);
        step(model).forEach((name, values) -> assertArrayEquals(expected.get(name), values, name));
      } finally {
        CpuBackend.threads(threads);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lora",
        "dora",
        "tables",
        "dora tables",
        "ia3",
        "bottleneck",
        "prompt",
        "prefix",
        "ln"
      })
  void adaptersLearnWhatTheyLearnWithPadding(String name) {
    try (T5 model = T5.create(config("v11"), 7, Device.cpu())) {
      model.dropout(0.2f);
      model.freeze("*");
      AdapterMethod method =
          switch (name) {
            case "lora" -> Lora.rank(2).withDropout(0.3);
            case "dora" -> Lora.rank(2).withDecomposition();
            case "tables" -> Lora.rank(2).on("embed_tokens");
            case "dora tables" -> Lora.rank(2).withDecomposition().on("embed_tokens");
            case "ia3" -> Ia3.standard();
            case "bottleneck" -> Bottleneck.houlsby(3);
            case "prompt" -> PromptTuning.tokens(3);
            case "prefix" -> PrefixTuning.tokens(3);
            default -> NormTuning.standard();
          };
      var adapters = Adapters.of(model);
      adapters.add("one", method, 5);
      adapters.use("one");
      assertEqualsPadded(model, rows(SOURCES, 0, 1), rows(TARGETS, -100, 2));
    }
  }

  @Test
  void aPartThatNeedsWholeRowsGetsThem() {
    try (T5 model = T5.create(config("v11"), 7, Device.cpu())) {
      var seen = new TreeSet<String>();
      String place = "encoder.block.1.layer.1.DenseReluDense";
      model.replace(place, new Whole(model.modules().get(place), seen));
      step(model);
      assertEquals(Set.of("[5, 20, 32]"), seen);
    }
  }

  private static final class Whole extends Module implements Layer {
    private final Child<Layer> base;
    private final Set<String> seen;

    Whole(Module module, Set<String> seen) {
      base = wraps(Layer.class, module);
      this.seen = seen;
    }

    @Override
    public Tensor apply(Tensor x, Pass pass) {
      seen.add(x.shape().toString());
      return base.get().apply(x, pass);
    }
  }

  @Test
  void headsOfTasksReadTheStatesThatTheyReadWithPadding() {
    int[][] ids = rows(SOURCES, 0, 1);
    for (int row = 0; row < ids.length; row++) {
      ids[row][SOURCES[row] - 1] = 1; // the end that a classifier reads
    }
    try (var classes = T5SequenceClassifier.create(config("v11"), TaskHead.of(3), 7, Device.cpu());
        var tokens = T5TokenClassifier.create(config("v11"), TaskHead.of(3), 7, Device.cpu());
        var spans = T5QuestionAnswerer.create(config("v11"), 7, Device.cpu());
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      Tensor mask = TinyModels.ints(mask(ids));
      Tensor read = TinyModels.ints(ids);
      Pass pass = Pass.training(5, 3, 2);
      for (T5Family model : List.of(classes, tokens, spans)) {
        model.dropout(0.2f);
      }
      var results = new ArrayList<float[]>();
      for (boolean packed : new boolean[] {true, false}) {
        List.of(classes, tokens, spans).forEach(model -> model.packedRows(packed));
        results.add(classes.logits(read, mask, pass).toFloats());
        results.add(inside(tokens.logits(read, mask, pass).toFloats(), 3));
        results.add(spans.spans(read, mask, pass).start().toFloats());
        results.add(inside(spans.spansOfTokens(read, mask, pass).end().toFloats(), 1));
        int[][] labels = new int[ids.length][ids[0].length]; // those of padding count too
        results.add(
            tokens
                .loss(read, mask, TinyModels.ints(labels), pass, CrossEntropyOptions.MEAN)
                .loss()
                .toFloats());
      }
      for (int i = 0; i < 5; i++) {
        assertClose(results.get(5 + i), results.get(i), "result " + i);
      }
    }
  }

  /// What stands at tokens; zeros for padding.
  private static float[] inside(float[] values, int width) {
    int length = values.length / width / SOURCES.length;
    for (int i = 0; i < values.length; i++) {
      values[i] = i / width % length < SOURCES[i / width / length] ? values[i] : 0;
    }
    return values;
  }
}
