package dev.quintet.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5Family;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What others have got wrong about T5, one test a trap.
///
/// More on each: 1 `T5ConfigTest`, `CheckpointTest`; 2 `RelativePositionBiasTest`, and `T5Test` for 200 tokens from the
/// cache; 3 `T5Test`, `CheckpointTest`; 4 `T5Test`; 5 `WeightFilesTest`; 6 `T5Test`, `GeneratorTest`; 7 `T5InitializerTest`, `T5Test`; 8
/// `ActivationTest`, `T5Test`; 10 `CheckpointTest`; 11 `T5ConfigTest`, `T5Test`; 12 `VerificationTest`,
/// `BeamSearchReferenceTest`; 13 `GeneratorTest`. Traps 9, 15 and 16 are the trainer's, 14 the tokenizers'.
class TrapsTest {
  private static final Pass PASS = Pass.inference();
  private static final int[][] IDS = {{5, 6, 7, 8, 9, 1}, {12, 13, 1, 0, 0, 0}};
  private static final int[][] LABELS = {{21, 22, 23, 1}, {24, 1, -100, -100}};

  @Test
  void trap1TheHeadOfATiedModelIsScaledDownWhichChangesTheLossAndNotTheArgmax() {
    T5Config scaled = TinyModels.v10(40);
    try (T5 model = T5.create(scaled, 1, Device.cpu());
        T5 plain = T5.create(scaled.withHead(true, false), 1, Device.cpu())) {
      float[] small = logits(model, IDS, LABELS);
      float[] large = logits(plain, IDS, LABELS);
      for (int i = 0; i < small.length; i++) {
        assertEquals(large[i] / Math.sqrt(scaled.modelWidth()), small[i], 1e-6);
      }
      assertTrue(loss(plain, IDS, LABELS) > 1.5 * loss(model, IDS, LABELS));
    }
  }

  @Test
  void trap2TheDecoderTellsDistancesBackwardsAloneInAllItsBuckets() {
    try (T5 model = T5.create(TinyModels.v10(40), 2, Device.cpu())) {
      int[][] ids = random(1, 140, 3);
      backward(model, ids, ids);
      for (int bucket = 0; bucket < 32; bucket++) {
        // A key behind by 0 has the first bucket of those before, so the first of those after is
        // never used.
        assertEquals(bucket != 16, moves(model, "encoder", bucket), "encoder, bucket " + bucket);
        assertTrue(moves(model, "decoder", bucket), "decoder, bucket " + bucket);
      }
    }
  }

  private static boolean moves(T5 model, String stack, int bucket) {
    Parameter table =
        model
            .parameters()
            .get(stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight");
    int heads = model.config().heads();
    float[] gradient = table.gradient().toFloats();
    for (int head = 0; head < heads; head++) {
      if (gradient[bucket * heads + head] != 0) {
        return true;
      }
    }
    return false;
  }

  @Test
  void trap3CrossAttentionHasNoBiasAndOnlyUmt5HasOneInEveryBlock() {
    try (T5 t5 = T5.create(TinyModels.v11(40), 3, Device.cpu());
        T5 umt5 = T5.create(TinyModels.umt5(40), 3, Device.cpu())) {
      assertEquals(2, tables(t5));
      assertEquals(4, tables(umt5));
    }
  }

  private static long tables(T5Family model) {
    return model.parameters().keySet().stream()
        .filter(name -> name.endsWith("relative_attention_bias.weight"))
        .peek(name -> assertTrue(name.contains("SelfAttention"), name))
        .count();
  }

  @Test
  void trap4TheWidthOfAHeadDoesNotScaleItsScores() {
    T5Config narrow = TinyModels.v10(40);
    int width = narrow.headWidth();
    T5Config wide = narrow.withWidths(narrow.modelWidth(), 4 * width, narrow.heads(), 64);
    try (T5 small = T5.create(narrow, 4, Device.cpu());
        T5 large = T5.create(wide, 4, Device.cpu())) {
      // The same heads, filled up with zeros.
      small
          .parameters()
          .forEach((name, from) -> {
            Parameter to = large.parameters().get(name);
            float[] values = from.toFloats();
            if (name.matches(".*Attention\\.[qkv]\\.weight")) {
              int row = width * narrow.modelWidth();
              float[] padded = new float[(int) to.elements()];
              for (int head = 0; head < narrow.heads(); head++) {
                System.arraycopy(values, head * row, padded, 4 * head * row, row);
              }
              to.set(padded);
            } else if (name.endsWith("Attention.o.weight")) {
              float[] padded = new float[(int) to.elements()];
              for (int i = 0; i < values.length / width; i++) {
                System.arraycopy(values, i * width, padded, 4 * i * width, width);
              }
              to.set(padded);
            } else {
              to.set(values);
            }
          });
      assertArrayEquals(logits(small, IDS, LABELS), logits(large, IDS, LABELS), 1e-5f);
    }
  }

  @Test
  void trap5StatesBeyondTheRangeOfHalvesStayFinite() {
    try (T5 model = T5.create(TinyModels.v10(40), 5, Device.cpu())) {
      model
          .parameters()
          .forEach((name, parameter) -> {
            if (name.endsWith(".wo.weight")) {
              float[] values = parameter.toFloats();
              for (int i = 0; i < values.length; i++) {
                values[i] *= 1e6f;
              }
              parameter.set(values);
            }
          });
      try (var _ = Scope.openWithoutGradients(Device.cpu())) {
        Tensor h = model.shared().apply(TinyModels.ints(IDS), PASS);
        Tensor inner = Tensor.full(Shape.of(1, 1, model.config().modelWidth()), 1);
        var layer =
            (dev.quintet.models.t5.T5FeedForward)
                model.find("encoder.block.0.layer.1.DenseReluDense").orElseThrow();
        assertTrue(largest(layer.apply(h.add(inner), PASS).toFloats()) > 7e4);
      }
      backward(model, IDS, LABELS);
      assertTrue(Double.isFinite(loss(model, IDS, LABELS)));
      model
          .parameters()
          .forEach((name, parameter) -> {
            for (float value : parameter.gradient().toFloats()) {
              assertTrue(Float.isFinite(value), name);
            }
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void trap6PaddingOnEitherSideChangesNothingOfWhatIsGenerated(int beams) {
    try (T5 model = T5.create(TinyModels.v11(40), 6, Device.cpu())) {
      var generator = Generator.of(model);
      GenerationConfig config =
          GenerationConfig.of(model.config()).withMaxNewTokens(12).with("num_beams", beams);
      int[][] left = {IDS[0], {0, 0, 0, 12, 13, 1}};
      int[][] right = generator.generate(IDS, mask(IDS), config);
      assertArrayEquals(right, generator.generate(left, mask(left), config));
      int[][] alone = {{12, 13, 1}};
      int[] one = generator.generate(alone, mask(alone), config)[0];
      assertArrayEquals(one, Arrays.copyOf(right[1], one.length));
    }
  }

  @Test
  void trap8SwappingTheGateAndTheOtherProjectionShows() {
    try (T5 model = T5.create(TinyModels.v11(40), 8, Device.cpu())) {
      float[] before = logits(model, IDS, LABELS);
      String name = "encoder.block.0.layer.1.DenseReluDense.wi_%d.weight";
      Parameter gate = model.parameters().get(name.formatted(0));
      Parameter up = model.parameters().get(name.formatted(1));
      float[] values = gate.toFloats();
      gate.set(up.toFloats());
      up.set(values);
      assertTrue(difference(before, logits(model, IDS, LABELS)) > 1e-3 * largest(before));
    }
  }

  @ParameterizedTest
  @CsvSource({"3, 5", "5, 3"})
  void trap10DepthsAndWidthsThatDifferTrainAndGenerate(int encoder, int decoder) {
    T5Config config = TinyModels.v11(40).withLayers(encoder, decoder);
    assertEquals(0.75 * config.modelWidth(), config.attentionWidth());
    try (T5 model = T5.create(config, 10, Device.cpu())) {
      double before = loss(model, IDS, LABELS);
      backward(model, IDS, LABELS);
      model
          .parameters()
          .forEach((name, parameter) -> {
            float[] values = parameter.toFloats();
            float[] gradient = parameter.gradient().toFloats();
            for (int i = 0; i < values.length; i++) {
              values[i] -= 0.02f * gradient[i];
            }
            parameter.set(values);
          });
      assertTrue(loss(model, IDS, LABELS) < before);
      int[] ids =
          Generator.of(model)
              .generate(IDS, mask(IDS), GenerationConfig.of(config).withMaxNewTokens(9))[0];
      int[][] shifted = {Arrays.copyOfRange(ids, 1, ids.length)};
      float[] logits = logits(model, new int[][] {IDS[0]}, shifted);
      for (int t = 0; t + 1 < ids.length && (t == 0 || ids[t] != 1); t++) {
        float[] row = Arrays.copyOfRange(logits, t * 40, (t + 1) * 40);
        assertEquals(largest(row, row[ids[t + 1]]), row[ids[t + 1]], "the best at " + t);
      }
    }
  }

  private static float largest(float[] row, float least) {
    float most = least;
    for (float value : row) {
      most = Math.max(most, value);
    }
    return most;
  }

  @Test
  void trap11ATiedMatrixIsOneParameterWithTheGradientOfBothUses() {
    T5Config config = TinyModels.v10(40);
    try (T5 tied = T5.create(config, 11, Device.cpu());
        T5 apart =
            new T5(
                config.withHead(false, true),
                (name, shape) -> {
                  String of = name.equals("lm_head.weight") ? "shared.weight" : name;
                  return Parameter.copyOf(tied.parameters().get(of));
                })) {
      long table = tied.shared().weight().elements();
      assertEquals(tied.parameterCount() + table, apart.parameterCount());
      assertEquals(
          "shared.weight",
          tied.aliases().get("lm_head.weight"),
          "the head, as both stacks' embed_tokens");
      backward(tied, IDS, LABELS);
      backward(apart, IDS, LABELS);
      float[] whole = tied.shared().weight().gradient().toFloats();
      float[] rows = apart.parameters().get("shared.weight").gradient().toFloats();
      float[] head = apart.parameters().get("lm_head.weight").gradient().toFloats();
      for (int i = 0; i < whole.length; i++) {
        assertEquals((double) rows[i] + head[i], whole[i], 2e-6);
      }
    }
  }

  @Test
  void trap13WithoutALimit20TokensFollowTheStart() {
    try (T5 model = T5.create(TinyModels.v11(40), 13, Device.cpu())) {
      GenerationConfig never =
          GenerationConfig.of(model.config()).with("suppress_tokens", List.of(1));
      assertEquals(21, Generator.of(model).generate(IDS, mask(IDS), never)[0].length);
      assertEquals(
          9, Generator.of(model).generate(IDS, mask(IDS), never.with("max_length", 9))[0].length);
    }
  }

  @ParameterizedTest
  @CsvSource({"encoder", "decoder"})
  void trap17TheTablesGradientCountsAllPairsOfAllBlocksBeyondTheLastBucket(String stack) {
    try (T5 model = T5.create(TinyModels.v11(30), 17, Device.cpu())) {
      int[][] ids = random(2, 140, 5);
      backward(model, ids, ids);
      Parameter table =
          model
              .parameters()
              .get(stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight");
      float[] start = table.toFloats();
      float[] gradient = table.gradient().toFloats();
      for (long seed = 0; seed < 4; seed++) {
        float[] direction = TinyModels.random(seed, start.length);
        double expected = 0;
        for (int i = 0; i < start.length; i++) {
          expected += (double) gradient[i] * direction[i];
        }
        float step = 0.05f;
        table.set(along(start, direction, step));
        double above = loss(model, ids, ids);
        table.set(along(start, direction, -step));
        double below = loss(model, ids, ids);
        table.set(start);
        double found = (above - below) / (2 * step);
        assertEquals(expected, found, 0.05 * Math.abs(expected) + 2e-5, "direction " + seed);
        assertNotEquals(0, expected);
      }
    }
  }

  private static float[] along(float[] start, float[] direction, float step) {
    float[] moved = start.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += step * direction[i];
    }
    return moved;
  }

  private static int[][] random(int rows, int length, long seed) {
    var random = new Random(seed);
    int[][] ids = new int[rows][length];
    for (int[] row : ids) {
      Arrays.setAll(row, i -> i == length - 1 ? 1 : 2 + random.nextInt(28));
    }
    return ids;
  }

  private static int[][] mask(int[][] ids) {
    return Arrays.stream(ids)
        .map(row -> Arrays.stream(row).map(id -> id == 0 ? 0 : 1).toArray())
        .toArray(int[][]::new);
  }

  private static T5.Result run(T5 model, int[][] ids, int[][] labels) {
    return model.loss(
        TinyModels.ints(ids),
        TinyModels.ints(mask(ids)),
        TinyModels.ints(labels),
        PASS,
        CrossEntropyOptions.MEAN);
  }

  private static float[] logits(T5 model, int[][] ids, int[][] labels) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      return run(model, ids, labels).logits().toFloats();
    }
  }

  private static double loss(T5 model, int[][] ids, int[][] labels) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      return run(model, ids, labels).loss().item();
    }
  }

  private static void backward(T5 model, int[][] ids, int[][] labels) {
    model.zeroGradients();
    try (var _ = Scope.open(Device.cpu())) {
      run(model, ids, labels).loss().backward();
    }
  }

  private static double difference(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }

  private static double largest(float[] values) {
    return difference(values, new float[values.length]);
  }
}
