package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.data.Examples;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("deferred")
class AccumulationTest {
  private static final double TOLERANCE = 1e-5; // of each tensor's largest magnitude

  @ParameterizedTest
  @ValueSource(floats = {0, 0.1f})
  void eightForwardsOfOneRowGiveTheGradientOfOneForwardOfEight(float dropout) {
    try (TextToText text = TinyText.model(dropout, 1)) {
      Examples examples = Examples.of(TinyText.pairs(40, 2).encode(text.tokenizer(), 32, 32, 1));
      var plan = new BatchPlan(examples, 8, 1, 3);
      for (long step = 0; step < 3; step++) {
        Gradients whole = gradients(text, plan.batches(step, 1, 0), step);
        Gradients cut = gradients(text, plan.batches(step, 8, 0), step);
        assertEquals(whole.loss, cut.loss, 1e-6 * whole.loss);
        whole.values.forEach((name, gradient) -> {
          double most = 0;
          double difference = 0;
          for (int i = 0; i < gradient.length; i++) {
            most = Math.max(most, Math.abs(gradient[i]));
            difference = Math.max(difference, Math.abs(gradient[i] - cut.values.get(name)[i]));
          }
          assertTrue(most > 0, name);
          assertEquals(0, difference / most, TOLERANCE, name);
        });
      }
    }
  }

  private record Gradients(double loss, Map<String, float[]> values) {}

  private static Gradients gradients(TextToText text, List<Batch> batches, long step) {
    var learner = new T5Learner(text);
    int labels = batches.stream().mapToInt(Batch::labelTokens).sum();
    double loss = 0;
    text.model().zeroGradients();
    for (Batch batch : batches) {
      try (var _ = Scope.open(Device.cpu())) {
        Tensor part = learner.loss(batch, Pass.training(9, step, batch.firstRow()), labels);
        part.backward();
        loss += part.item();
      }
    }
    var values = new TreeMap<String, float[]>();
    text.model()
        .parameters()
        .forEach((name, parameter) -> values.put(name, parameter.gradient().toFloats()));
    return new Gradients(loss, values);
  }
}
