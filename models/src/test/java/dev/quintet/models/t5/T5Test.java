package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.instrument.Dry;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.core.testing.Glass;
import dev.quintet.models.GoldenFolders;
import dev.quintet.models.TinyModels;
import dev.quintet.models.checkpoint.Checkpoint;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("deferred")
class T5Test {
  private static final int[][] IDS = {
    {5, 6, 7, 8, 9, 10, 11, 1}, {12, 13, 14, 1, 0, 0, 0, 0}, {9, 8, 7, 6, 5, 1, 0, 0}
  };
  private static final int[][] LABELS = {
    {21, 22, 23, 1, -100}, {24, 1, -100, -100, -100}, {25, 26, 27, 28, 1}
  };

  @Test
  void startsNearTheLossOfGuessing() {
    for (T5Config config : List.of(TinyModels.v10(2000), TinyModels.v11(2000))) {
      try (T5 model = T5.create(config, 3, Device.cpu())) {
        assertEquals(Math.log(2000) + 0.5, randomLoss(model), 0.3, config.toString());
      }
    }
    try (T5 model = T5.createLikeTransformers(TinyModels.v11(2000), 3, Device.cpu())) {
      assertTrue(randomLoss(model) > 15, "transformers' head has a deviation of 1");
    }
  }

  @Test
  void aModelThatMovesToAnotherDeviceComputesTheSameThere() {
    Device glass = Glass.open().device();
    try (T5 model = T5.create(TinyModels.v11(50), 3, Device.cpu())) {
      Map<String, float[]> here = gradients(model, Device.cpu());
      model.to(glass);
      assertEquals(glass, model.shared().weight().device());
      Map<String, float[]> there = gradients(model, glass);
      here.forEach((name, gradient) -> assertArrayEquals(gradient, there.get(name), name));
      model.to(Device.cpu());
      assertArrayEquals(here.get("shared.weight"), model.shared().weight().gradient().toFloats());
    }
  }

  @Test
  void likeliestTokensAreFoundWhateverDeviceTheCallersScopeIsOf() {
    Device glass = Glass.open().device();
    try (T5 model = T5.create(TinyModels.v11(50), 3, Device.cpu())) {
      model.to(glass);
      try (var _ = Scope.openWithoutGradients(glass)) {
        Tensor mask = Tensor.ofInts(Shape.of(1, 2), 1, 1);
        Tensor states = model.encode(Tensor.ofInts(Shape.of(1, 2), 5, 1), mask, Pass.inference());
        int[] there = new int[1];
        model.likeliest(new int[1], model.cache(states, mask, 2), there);
        DecoderCache cache = model.cache(states, mask, 2);
        int[] here = {-1};
        try (var _ = Scope.open(Device.cpu())) {
          model.likeliest(new int[1], cache, here);
        }
        assertArrayEquals(there, here);
      }
    }
  }

  private static Map<String, float[]> gradients(T5 model, Device device) {
    model.zeroGradients();
    try (var _ = Scope.open(device)) {
      Tensor ids = TinyModels.ints(IDS);
      Tensor labels = TinyModels.ints(LABELS);
      model
          .loss(ids, ids, labels, Pass.training(1, 1, 0), CrossEntropyOptions.MEAN)
          .loss()
          .backward();
    }
    var gradients = new TreeMap<String, float[]>();
    model.parameters().forEach((name, p) -> gradients.put(name, p.gradient().toFloats()));
    return gradients;
  }

  @Test
  void aStepOfAShapeGetsItsAddressesAgainAfterAnotherShape() {
    Dry dry = Dry.open();
    T5Config config = TinyModels.v11(3000).withWidths(256, 32, 8, 512);
    try (T5 model = new T5(config, (_, shape) -> Parameter.empty(shape, dry.device()))) {
      step(model, dry, 8, 64, 32); // takes the memory of gradients
      List<Long> first = step(model, dry, 8, 64, 32);
      assertEquals(first, step(model, dry, 8, 64, 32));
      for (int[] other : new int[][] {{8, 80, 32}, {3, 200, 7}, {20, 90, 60}, {1, 1, 1}}) {
        List<Long> between = step(model, dry, other[0], other[1], other[2]);
        assertNotEquals(first, between);
        assertEquals(first, step(model, dry, 8, 64, 32));
        assertEquals(between, step(model, dry, other[0], other[1], other[2]));
      }
    }
  }

  private static List<Long> step(T5 model, Dry dry, int batch, int source, int target) {
    dry.reset();
    try (var _ = Scope.open(dry.device())) {
      model
          .loss(
              Tensor.empty(Shape.of(batch, source), DType.I32),
              Tensor.empty(Shape.of(batch, source), DType.I32),
              Tensor.empty(Shape.of(batch, target), DType.I32),
              Pass.training(1, 1, 0),
              CrossEntropyOptions.MEAN.withNormalizer(batch * target))
          .loss()
          .backward();
    }
    model.zeroGradients();
    return dry.counts().addresses();
  }

  @Test
  void theNormOfTheInitialWeightsIsThatOfTheirDeviations() {
    T5Config c = TinyModels.v11(2000);
    double layers = c.encoderLayers() + 2 * c.decoderLayers();
    double feedForwards = c.encoderLayers() + c.decoderLayers();
    double inner = c.attentionWidth();
    double width = c.modelWidth();
    // each term: elements times variance
    double attention = inner / c.headWidth() + inner + inner + width;
    double dense = 2 * c.innerWidth() + width;
    double norms = (layers + feedForwards + 2) * width;
    double tables = 2 * 32 * c.heads() / width;
    double expected =
        2000 * width + 2000 + layers * attention + feedForwards * dense + norms + tables;
    try (T5 model = T5.create(c, 9, Device.cpu())) {
      double sum = 0;
      for (Parameter parameter : model.parameters().values()) {
        for (float value : parameter.toFloats()) {
          sum += (double) value * value;
        }
      }
      assertEquals(Math.sqrt(expected), Math.sqrt(sum), 0.01 * Math.sqrt(expected));
    }
  }

  @Test
  void aWeightDependsOnTheSeedAndItsNameAlone() {
    try (T5 small = T5.create(TinyModels.v11(50), 1, Device.cpu());
        T5 deep = T5.create(TinyModels.v11(60).withLayers(3, 4), 1, Device.cpu());
        T5 other = T5.create(TinyModels.v11(50), 2, Device.cpu())) {
      String name = "decoder.block.1.layer.1.EncDecAttention.v.weight";
      float[] values = values(small, name);
      assertArrayEquals(values, values(deep, name));
      assertNotEquals(values[0], values(other, name)[0]);
      assertNotEquals(values[0], values(small, name.replace("block.1", "block.0"))[0]);
    }
  }

  @Test
  void onlyTheFirstBlockOwnsATableExceptInUmt5() {
    try (T5 model = T5.create(TinyModels.v10(50), 1, Device.cpu())) {
      assertEquals(
          List.of(
              "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
              "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"),
          model.parameters().keySet().stream().filter(n -> n.contains("bias")).toList());
    }
    try (T5 model = T5.create(TinyModels.umt5(50), 1, Device.cpu())) {
      float[] before = logits(model, IDS, mask(IDS));
      var table =
          model
              .parameters()
              .get("encoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight");
      table.set(TinyModels.random(8, (int) table.elements()));
      assertTrue(difference(before, logits(model, IDS, mask(IDS))) > 1e-4);
    }
  }

  @Test
  void attentionIsNotScaledByTheWidthOfAHead() {
    // One head whose projections are the identity: softmax(x xᵀ) x.
    T5Config config = TinyModels.v10(10).withWidths(4, 4, 1, 8);
    double[][] x = {{1, 0, 2, 0.5}, {0.3, -1, 0.1, 0}, {0.2, 0.4, 0.6, -0.8}};
    try (var scope = Scope.openWithoutGradients(Device.cpu())) {
      var attention =
          new T5Attention(
              config,
              false,
              false,
              (name, shape) -> {
                Parameter eye = Parameter.full(shape, 0, scope.device());
                eye.set(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
                return eye;
              });
      float[] flat = new float[12];
      for (int i = 0; i < 12; i++) {
        flat[i] = (float) x[i / 4][i % 4];
      }
      Tensor states = Tensor.of(Shape.of(1, 3, 4), flat);
      Pass pass = Pass.inference();
      float[] found =
          attention
              .attend(states, attention.keysAndValues(states, pass), AttentionOptions.PLAIN, pass)
              .toFloats();
      for (int i = 0; i < 3; i++) {
        double[] p = new double[3];
        double sum = 0;
        for (int j = 0; j < 3; j++) {
          double dot = 0;
          for (int c = 0; c < 4; c++) {
            dot += x[i][c] * x[j][c];
          }
          p[j] = Math.exp(dot);
          sum += p[j];
        }
        for (int c = 0; c < 4; c++) {
          double expected = 0;
          for (int j = 0; j < 3; j++) {
            expected += p[j] / sum * x[j][c];
          }
          assertEquals(expected, found[4 * i + c], 1e-5);
        }
      }
      attention.close();
    }
  }

  @Test
  void theActivationIsOnTheFirstOfTheTwoInnerProjections() {
    try (T5 model = Checkpoint.load(GoldenFolders.of("t5-v1.1"))) {
      float[] before = logits(model, IDS, mask(IDS));
      String name = "decoder.block.0.layer.2.DenseReluDense.wi_%d.weight";
      float[] first = values(model, name.formatted(0));
      float[] second = values(model, name.formatted(1));
      model.parameters().get(name.formatted(0)).set(second);
      model.parameters().get(name.formatted(1)).set(first);
      float[] swapped = logits(model, IDS, mask(IDS));
      assertTrue(difference(before, swapped) > 1e-4 * largest(before));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPaddedBatchEqualsItsRowsOneByOne(boolean left) {
    try (T5 model = Checkpoint.load(GoldenFolders.of("t5-v1.1"))) {
      int[][] padded = left ? leftPadded(IDS) : IDS;
      float[] all = logits(model, padded, mask(padded));
      int perRow = all.length / IDS.length;
      for (int row = 0; row < IDS.length; row++) {
        int length = java.util.Arrays.stream(mask(IDS)[row]).sum();
        int[][] alone = {java.util.Arrays.copyOf(IDS[row], length)};
        float[] one = logits(model, alone, mask(alone), LABELS[row]);
        float[] inBatch = java.util.Arrays.copyOfRange(all, row * perRow, (row + 1) * perRow);
        assertTrue(difference(one, inBatch) <= 1e-5 * largest(one), "row " + row);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"t5-v1.0", "t5-v1.1"})
  void decodingFromTheCacheEqualsRecomputingFor200Tokens(String folder) {
    int steps = 200;
    var random = new Random(5);
    int[] ids = new int[2 * steps];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i % steps == 0 ? 0 : 2 + random.nextInt(380);
    }
    try (T5 model = Checkpoint.load(GoldenFolders.of(folder));
        var scope = Scope.openWithoutGradients(Device.cpu())) {
      int[][] input = {IDS[0], IDS[1]};
      Tensor inputIds = TinyModels.ints(input);
      Tensor mask = TinyModels.ints(mask(input));
      Tensor memory = model.encode(inputIds, mask, Pass.inference());
      Tensor whole = Tensor.ofInts(Shape.of(2, steps), ids);
      int vocabulary = model.config().vocabSize();
      float[] expected =
          model.logits(model.decode(whole, memory, mask, Pass.inference())).toFloats();
      DecoderCache cache = model.cache(memory, mask, steps);
      double worst = 0;
      boolean sameTokens = true;
      // a prompt of three at once, then one by one
      for (int t = 0; t < steps; t += t == 0 ? 3 : 1) {
        int count = t == 0 ? 3 : 1;
        int last = t + count - 1;
        try (var step = Scope.open()) {
          Tensor next = whole.slice(1, t, t + count);
          float[] found = model.step(next, cache).toFloats();
          for (int row = 0; row < 2; row++) {
            int from = (row * steps + last) * vocabulary;
            worst =
                Math.max(worst, difference(expected, from, found, row * vocabulary, vocabulary));
            sameTokens &=
                argMax(expected, from, vocabulary) == argMax(found, row * vocabulary, vocabulary);
          }
        }
      }
      assertTrue(worst < 1e-4 * largest(expected), "off by " + worst);
      assertTrue(sameTokens);
      assertEquals(steps, cache.length());
      assertThrows(
          IllegalStateException.class,
          () -> model.step(Tensor.ofInts(Shape.of(2, 1), 4, 4), cache));
    }
  }

  @Test
  void frozenPartsGetNoGradientAndBackwardStopsAtThem() {
    try (T5 model = T5.create(TinyModels.v11(50), 1, Device.cpu())) {
      int all = recorded(model);
      assertTrue(model.parameters().values().stream().allMatch(Parameter::hasGradient));
      model.freeze("*").train("decoder.block.1.*", "lm_head.*");
      int some = recorded(model);
      assertTrue(some < all / 3, some + " of " + all + " operations recorded");
      model
          .parameters()
          .forEach((name, parameter) -> {
            boolean trains = name.startsWith("decoder.block.1.") || name.startsWith("lm_head");
            assertEquals(trains, parameter.hasGradient(), name);
            assertEquals(trains, parameter.gradientBytes() > 0, name);
          });
    }
  }

  @Test
  void rangesOfLayersFreezeBlocksOfAStack() {
    try (T5 model = T5.create(TinyModels.v10(50).withLayers(3, 2), 1, Device.cpu())) {
      model.freeze("encoder.0-1", "decoder.1");
      model
          .parameters()
          .forEach((name, parameter) ->
              assertEquals(
                  !name.matches("encoder.block.[01].*|decoder.block.1.*"),
                  parameter.trains(),
                  name));
    }
  }

  @Test
  void theTiedMatrixGetsTheGradientOfBothItsUses() {
    try (T5 model = T5.create(TinyModels.v10(40), 1, Device.cpu())) {
      recorded(model);
      Parameter shared = model.shared().weight();
      float[] gradient = shared.gradient().toFloats();
      float[] values = shared.toFloats();
      float[] direction = TinyModels.random(2, values.length);
      double expected = 0;
      float[] up = values.clone();
      float[] down = values.clone();
      float step = 1e-2f;
      for (int i = 0; i < values.length; i++) {
        expected += (double) gradient[i] * direction[i];
        up[i] += step * direction[i];
        down[i] -= step * direction[i];
      }
      shared.set(up);
      double above = loss(model);
      shared.set(down);
      double below = loss(model);
      double found = (above - below) / (2 * step);
      assertEquals(expected, found, 0.02 * Math.abs(expected) + 2e-3);
    }
  }

  @Test
  void oneBatchOf3AndThreeOf1DropTheSameElements() {
    try (T5 model = T5.create(TinyModels.v11(50).withDropout(0.2f), 1, Device.cpu())) {
      var options = CrossEntropyOptions.MEAN.withNormalizer(11);
      model.zeroGradients();
      double whole = pass(model, IDS, LABELS, Pass.training(7, 3, 0), options);
      var together = new java.util.LinkedHashMap<String, float[]>();
      model.parameters().forEach((n, p) -> together.put(n, p.gradient().toFloats()));
      model.zeroGradients();
      double parts = 0;
      for (int row = 0; row < 3; row++) {
        int length = java.util.Arrays.stream(mask(IDS)[row]).sum();
        int[][] alone = {java.util.Arrays.copyOf(IDS[row], length)};
        int[][] label = {LABELS[row]};
        parts += pass(model, alone, label, Pass.training(7, 3, row), options);
      }
      assertEquals(whole, parts, 1e-5 * whole);
      model
          .parameters()
          .forEach((name, parameter) -> {
            float[] found = parameter.gradient().toFloats();
            float[] expected = together.get(name);
            assertTrue(difference(expected, found) <= 1e-5 * largest(expected), name);
          });
      double other = pass(model, IDS, LABELS, Pass.training(7, 4, 0), options);
      assertNotEquals(whole, other);
    }
  }

  @Test
  void labelsOfWhichNoneCountsGiveALossOf0() {
    try (T5 model = T5.create(TinyModels.v10(40), 1, Device.cpu());
        var scope = Scope.open(Device.cpu())) {
      Tensor ids = TinyModels.ints(new int[][] {{3, 1}});
      Tensor mask = TinyModels.ints(new int[][] {{1, 1}});
      Tensor labels = TinyModels.ints(new int[][] {{-100, -100}});
      var result = model.loss(ids, mask, labels, Pass.inference(), CrossEntropyOptions.MEAN);
      assertEquals(0, result.loss().item());
    }
  }

  @Test
  void shiftsLabelsBehindTheStartId() {
    try (T5 model = T5.create(TinyModels.v10(40).withIds(3, 1, 5), 1, Device.cpu());
        var scope = Scope.open(Device.cpu())) {
      Tensor labels = TinyModels.ints(new int[][] {{7, 8, 1, -100, -100}, {9, -100, 8, 1, 2}});
      assertArrayEquals(
          new int[] {5, 7, 8, 1, 3, 5, 9, 3, 8, 1}, model.shiftRight(labels).toInts());
    }
  }

  @Test
  void refusesIdsOfAWrongShapeAndTakesBackAllMemory() {
    long before = memory();
    try (T5 model = T5.create(TinyModels.v10(40), 1, Device.cpu())) {
      recorded(model);
      assertFalse(memory() == before);
      try (var scope = Scope.open(Device.cpu())) {
        Tensor ids = Tensor.ofInts(Shape.of(3), 1, 2, 3);
        assertThrows(
            IllegalArgumentException.class, () -> model.encode(ids, ids, Pass.inference()));
      }
    }
    assertEquals(before, memory());
  }

  private static long memory() {
    return dev.quintet.core.backend.Backends.of(Device.cpu()).memory().bytesInUse();
  }

  private static int recorded(T5 model) {
    model.zeroGradients();
    try (var scope = Scope.open(Device.cpu())) {
      var result =
          model.loss(
              TinyModels.ints(IDS),
              TinyModels.ints(mask(IDS)),
              TinyModels.ints(LABELS),
              Pass.inference(),
              CrossEntropyOptions.MEAN);
      int size = scope.tape().size();
      result.loss().backward();
      return size;
    }
  }

  private static double pass(
      T5 model, int[][] ids, int[][] labels, Pass pass, CrossEntropyOptions options) {
    try (var scope = Scope.open(Device.cpu())) {
      var result =
          model.loss(
              TinyModels.ints(ids),
              TinyModels.ints(mask(ids)),
              TinyModels.ints(labels),
              pass,
              options);
      result.loss().backward();
      return result.loss().item();
    }
  }

  private static double randomLoss(T5 model) {
    var random = new Random(11);
    int[][] ids = new int[16][12];
    for (int[] row : ids) {
      for (int i = 0; i < row.length; i++) {
        row[i] = 2 + random.nextInt(model.config().vocabSize() - 2);
      }
    }
    return pass(model, ids, ids, Pass.inference(), CrossEntropyOptions.MEAN);
  }

  private static double loss(T5 model) {
    try (var scope = Scope.openWithoutGradients(Device.cpu())) {
      return model
          .loss(
              TinyModels.ints(IDS),
              TinyModels.ints(mask(IDS)),
              TinyModels.ints(LABELS),
              Pass.inference(),
              CrossEntropyOptions.MEAN)
          .loss()
          .item();
    }
  }

  private static float[] logits(T5 model, int[][] ids, int[][] mask, int[]... labels) {
    try (var scope = Scope.openWithoutGradients(Device.cpu())) {
      int[][] targets = labels.length == 0 ? LABELS : labels;
      return model
          .loss(
              TinyModels.ints(ids),
              TinyModels.ints(mask),
              TinyModels.ints(targets),
              Pass.inference(),
              CrossEntropyOptions.MEAN)
          .logits()
          .toFloats();
    }
  }

  private static int[][] mask(int[][] ids) {
    int[][] mask = new int[ids.length][ids[0].length];
    for (int row = 0; row < ids.length; row++) {
      for (int i = 0; i < ids[row].length; i++) {
        mask[row][i] = ids[row][i] == 0 ? 0 : 1;
      }
    }
    return mask;
  }

  private static int[][] leftPadded(int[][] ids) {
    int[][] moved = new int[ids.length][ids[0].length];
    for (int row = 0; row < ids.length; row++) {
      int length = java.util.Arrays.stream(mask(ids)[row]).sum();
      System.arraycopy(ids[row], 0, moved[row], ids[row].length - length, length);
    }
    return moved;
  }

  private static float[] values(T5 model, String name) {
    return model.parameters().get(name).toFloats();
  }

  private static double difference(float[] a, float[] b) {
    return difference(a, 0, b, 0, a.length);
  }

  private static double difference(float[] a, int fromA, float[] b, int fromB, int count) {
    double worst = 0;
    for (int i = 0; i < count; i++) {
      worst = Math.max(worst, Math.abs((double) a[fromA + i] - b[fromB + i]));
    }
    return worst;
  }

  private static double largest(float[] values) {
    double most = 0;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  private static int argMax(float[] values, int from, int count) {
    int best = from;
    for (int i = from; i < from + count; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best - from;
  }
}
