package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("deferred")
class TaskModelsTest {
  private static final int[][] IDS = {{5, 6, 7, 1, 0}, {8, 9, 1, 0, 0}};
  private static final int[][] MASK = {{1, 1, 1, 1, 0}, {1, 1, 1, 0, 0}};
  private static final Pass PASS = Pass.inference();

  @Test
  void aSequenceClassifierReadsTheLastEndOfEachInput() {
    T5Config config = TinyModels.v11(40);
    try (var model = T5SequenceClassifier.create(config, TaskHead.of(3), 1, Device.cpu())) {
      float[] both = logits(model, IDS, MASK);
      float[] one = logits(model, new int[][] {{8, 9, 1}}, new int[][] {{1, 1, 1}});
      assertArrayEquals(one, java.util.Arrays.copyOfRange(both, 3, 6), 1e-5f);
      // Two ends each: the last one counts, and what stands behind it does not.
      float[] two = logits(model, new int[][] {{1, 8, 9, 1, 7}}, new int[][] {{1, 1, 1, 1, 0}});
      float[] other = logits(model, new int[][] {{1, 8, 9, 1, 6}}, new int[][] {{1, 1, 1, 1, 0}});
      assertArrayEquals(two, other, 1e-6f);
      refuses(model, new int[][] {{5, 6, 7}}, "at least one");
      refuses(model, new int[][] {{5, 1, 1}, {5, 6, 1}}, "row 1 holds 1");
    }
  }

  private static void refuses(T5SequenceClassifier model, int[][] ids, String words) {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> logits(model, ids, ids)); // any mask of the shape will do
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  private static float[] logits(T5SequenceClassifier model, int[][] ids, int[][] mask) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      return model.logits(TinyModels.ints(ids), TinyModels.ints(mask), PASS).toFloats();
    }
  }

  @Test
  void labelsOfTheWrongKindAreRefused() {
    T5Config config = TinyModels.v11(40);
    TaskHead several = TaskHead.of(2).withProblem(TaskHead.Problem.MULTI_LABEL);
    try (var model = T5SequenceClassifier.create(config, several, 1, Device.cpu());
        var _ = Scope.open(Device.cpu())) {
      Tensor labels = Tensor.ofInts(Shape.of(2), 0, 1);
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  model.loss(
                      TinyModels.ints(IDS),
                      TinyModels.ints(MASK),
                      labels,
                      PASS,
                      CrossEntropyOptions.MEAN));
      assertTrue(e.getMessage().contains("float32 [2, 2]"), e.getMessage());
    }
  }

  @Test
  void logitsOf0HaveTheGradientOfAHalfForEachOfSeveralLabels() {
    TaskHead several = TaskHead.of(2).withProblem(TaskHead.Problem.MULTI_LABEL);
    try (var model = T5SequenceClassifier.create(TinyModels.v11(40), several, 1, Device.cpu())) {
      Parameter out = model.parameters().get("classification_head.out_proj.weight");
      out.set(new float[(int) out.elements()]);
      try (var _ = Scope.open(Device.cpu())) {
        var result =
            model.loss(
                TinyModels.ints(IDS),
                TinyModels.ints(MASK),
                Tensor.of(Shape.of(2, 2), 0, 1, 0, 0),
                PASS,
                CrossEntropyOptions.MEAN);
        assertEquals(Math.log(2), result.loss().item(), 1e-6);
        result.loss().backward();
      }
      Parameter bias = model.parameters().get("classification_head.out_proj.bias");
      assertArrayEquals(new float[] {0.25f, 0}, bias.gradient().toFloats(), 1e-6f);
    }
  }

  @Test
  void answersBehindTheInputDoNotCount() {
    try (var model = T5QuestionAnswerer.create(TinyModels.v11(40), 1, Device.cpu());
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      var spans = model.spans(TinyModels.ints(IDS), TinyModels.ints(MASK), PASS);
      assertEquals(Shape.of(2, 5), spans.start().shape());
      float some = loss(model, spans, new int[] {1, 5}, new int[] {2, 9});
      float first =
          (spans.start().slice(0, 0, 1).crossEntropy(Tensor.ofInts(Shape.of(1), 1)).item()
                  + spans.end().slice(0, 0, 1).crossEntropy(Tensor.ofInts(Shape.of(1), 2)).item())
              / 2;
      assertEquals(first, some, 1e-6);
      assertEquals(0, loss(model, spans, new int[] {5, 5}, new int[] {5, 5}));
      assertThrows(IllegalArgumentException.class, () -> model.loss(spans, new int[1], new int[2]));
    }
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new T5QuestionAnswerer(
                TinyModels.v11(40), TaskHead.of(3), (n, s) -> Parameter.full(s, 0, Device.cpu())));
  }

  private static float loss(
      T5QuestionAnswerer model, T5QuestionAnswerer.Spans spans, int[] starts, int[] ends) {
    return model.loss(spans, starts, ends).item();
  }

  @Test
  void anEncoderAloneComputesWhatItDoesInAWholeModel() {
    T5Config config = TinyModels.umt5(40);
    try (T5 whole = T5.create(config, 3, Device.cpu());
        T5Encoder encoder = T5Encoder.create(config, 3, Device.cpu());
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      Tensor ids = TinyModels.ints(IDS);
      Tensor mask = TinyModels.ints(MASK);
      assertArrayEquals(
          whole.encode(ids, mask, PASS).toFloats(), encoder.encode(ids, mask, PASS).toFloats());
      assertTrue(encoder.parameters().keySet().stream().noneMatch(n -> n.contains("decoder")));
    }
  }

  @Test
  void anEncodersConfigurationNeedNoDecoder() {
    T5Config config = TinyModels.v11(40).withLayers(2, 0);
    try (T5Encoder encoder = T5Encoder.create(config, 3, Device.cpu());
        T5 whole = T5.create(config, 3, Device.cpu());
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      Tensor ids = TinyModels.ints(IDS);
      Tensor mask = TinyModels.ints(MASK);
      assertEquals(Shape.of(2, 5, 32), encoder.encode(ids, mask, PASS).shape());
      var result = whole.loss(ids, mask, ids, PASS, CrossEntropyOptions.MEAN);
      assertTrue(Float.isFinite(result.loss().item()));
    }
  }

  @Test
  void poolingLeavesPaddingOutAndGivesZerosForNothing() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor states =
          Tensor.of(Shape.of(2, 3, 2), 1, 2, 3, 4, 500, Float.MAX_VALUE, 7, 8, 9, 1, 2, 3)
              .withGradient();
      Tensor mask = TinyModels.ints(new int[][] {{1, 1, 0}, {0, 0, 0}});
      Tensor pooled = T5Encoder.meanPool(states, mask);
      assertArrayEquals(new float[] {2, 3, 0, 0}, pooled.toFloats());
      pooled.sum().backward();
      assertArrayEquals(
          new float[] {.5f, .5f, .5f, .5f, 0, 0, 0, 0, 0, 0, 0, 0}, states.gradient().toFloats());
      assertThrows(
          IllegalArgumentException.class,
          () -> T5Encoder.meanPool(states, Tensor.ofInts(Shape.of(2, 2), 1, 1, 1, 1)));
    }
  }

  @Test
  void headsStartAsTransformersStartsThem() {
    T5Config config = TinyModels.v11(40);
    try (var sequence = T5SequenceClassifier.create(config, TaskHead.of(200), 1, Device.cpu());
        var tokens = T5TokenClassifier.create(config, TaskHead.of(200), 1, Device.cpu())) {
      double deviation = Math.pow(config.modelWidth(), -0.5);
      var head = sequence.parameters();
      assertEquals(deviation, deviation(head.get("classification_head.dense.weight")), 0.012);
      assertEquals(deviation, deviation(head.get("classification_head.out_proj.weight")), 0.012);
      assertEquals(0, deviation(head.get("classification_head.dense.bias")));
      assertEquals(1, deviation(tokens.parameters().get("classifier.weight")), 0.05);
      assertEquals(0, deviation(tokens.parameters().get("classifier.bias")));
    }
  }

  private static double deviation(Parameter parameter) {
    double sum = 0;
    for (float value : parameter.toFloats()) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / parameter.elements());
  }

  @Test
  void theHeadsDropoutDropsInTrainingAlone() {
    TaskHead head = TaskHead.of(3).withDropout(0.5f);
    try (var model = T5TokenClassifier.create(TinyModels.v11(40), head, 1, Device.cpu());
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      Tensor ids = TinyModels.ints(IDS);
      Tensor mask = TinyModels.ints(MASK);
      float[] calm = model.logits(ids, mask, PASS).toFloats();
      assertArrayEquals(calm, model.logits(ids, mask, PASS).toFloats());
      float[] dropped = model.logits(ids, mask, Pass.training(1, 2, 0)).toFloats();
      assertNotEquals(calm[0], dropped[0]);
      assertArrayEquals(dropped, model.logits(ids, mask, Pass.training(1, 2, 0)).toFloats());
    }
  }

  @Test
  void theClassifierTrainsItsHeadAlone() {
    try (var model =
        T5SequenceClassifier.create(TinyModels.v10(40), TaskHead.of(2), 1, Device.cpu())) {
      model.freeze("*").train("classification_head.*");
      try (var _ = Scope.open(Device.cpu())) {
        model
            .loss(
                TinyModels.ints(IDS),
                TinyModels.ints(MASK),
                Tensor.ofInts(Shape.of(2), 0, 1),
                PASS,
                CrossEntropyOptions.MEAN)
            .loss()
            .backward();
      }
      model
          .parameters()
          .forEach((name, parameter) ->
              assertEquals(name.startsWith("classification_head."), parameter.hasGradient(), name));
    }
  }
}
