package dev.quintet.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.loop.T5Learner;
import dev.quintet.trainer.objective.SpanCorruption;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.optim.Updates;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What others have got wrong in training T5, one test a trap; the models' `TrapsTest` has the rest.
///
/// More on each: 9 `SpanCorruptionTest`; 11 `AdamWTest`; 15 `AccumulationTest`; 16 `AdamWTest`.
class TrapsTest {

  @Test
  void trap9CorruptionEndsInNoiseWithoutAClosingSentinel() {
    var corruption = new SpanCorruption(0.15, 3, 1, i -> 32099 - i, 100);
    int[] text = IntStream.range(0, 568).map(i -> 3 + i).toArray();
    for (int draw = 0; draw < 50; draw++) {
      Example example = corruption.corrupt(text, new Random(draw));
      int[] source = example.source();
      int[] target = example.target();
      assertEquals(512, source.length);
      assertEquals(114, target.length);
      int[] sentinels = Arrays.stream(target).filter(id -> id >= 32000).toArray();
      assertEquals(28, sentinels.length);
      for (int i = 0; i < 28; i++) {
        assertEquals(32099 - i, sentinels[i], "they count down");
      }
      assertEquals(32099, target[0]);
      assertTrue(source[0] < 32000, "the text does not begin with noise");
      assertEquals(32072, source[510], "and ends with it");
      assertEquals(1, source[511]);
      assertEquals(1, target[113]);
      assertTrue(target[112] < 32000, "no sentinel closes the target");
      assertTrue(Arrays.stream(target).noneMatch(id -> id == -100));
    }
  }

  @Test
  void trap11TheNormOfTheGradientsCountsATiedMatrixOnce() {
    try (T5 model = T5.create(TinyText.config(0), 2, Device.cpu());
        var updates =
            new Updates(model.parameters(), (name, p, g, step) -> {}, UpdateRule.decay(0), 1)) {
      try (var _ = Scope.open(Device.cpu())) {
        var ids = Tensor.ofInts(Shape.of(1, 4), 5, 6, 7, 1);
        var ones = Tensor.ofInts(Shape.of(1, 4), 1, 1, 1, 1);
        model.loss(ids, ones, ids, Pass.inference(), CrossEntropyOptions.MEAN).loss().backward();
      }
      assertFalse(model.aliases().isEmpty(), "the head is tied");
      double squares = 0;
      for (var parameter : model.parameters().values()) {
        for (float value : parameter.gradient().toFloats()) {
          squares += (double) value * value;
        }
      }
      double norm = updates.apply(0).outcome().norm();
      assertEquals(Math.sqrt(squares), norm, 1e-6 * Math.sqrt(squares));
    }
  }

  @Test
  void trap15EightRowsOneByOneHaveTheLossOfEightTogether() {
    try (TextToText text = TinyText.model(0, 1)) {
      Examples examples = Examples.of(TinyText.pairs(24, 2).encode(text.tokenizer(), 32, 32, 1));
      var plan = new BatchPlan(examples, 8, 1, 3);
      List<Batch> whole = plan.batches(0, 1, 0);
      List<Batch> cut = plan.batches(0, 8, 0);
      int labels = whole.getFirst().labelTokens();
      assertEquals(labels, cut.stream().mapToInt(Batch::labelTokens).sum());
      assertTrue(cut.stream().mapToInt(Batch::labelTokens).distinct().count() > 1, "ragged");
      assertEquals(loss(text, whole, labels), loss(text, cut, labels), 1e-6);
    }
  }

  private static double loss(TextToText text, List<Batch> batches, int labels) {
    var learner = new T5Learner(text);
    double loss = 0;
    for (Batch batch : batches) {
      try (var _ = Scope.openWithoutGradients(Device.cpu())) {
        loss += learner.loss(batch, Pass.inference(), labels).item();
      }
    }
    return loss;
  }

  @Test
  void trap16NormsAndTheRelativeBiasDoNotDecay() {
    try (T5 model = T5.create(TinyText.config(0).v11(), 1, Device.cpu())) {
      model
          .parameters()
          .keySet()
          .forEach(name ->
              assertEquals(
                  !name.contains("layer_norm") && !name.contains("relative_attention_bias"),
                  UpdateRule.decays(name),
                  name));
    }
  }
}
