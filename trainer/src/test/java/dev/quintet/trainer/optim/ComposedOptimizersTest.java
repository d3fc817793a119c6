package dev.quintet.trainer.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("deferred")
class ComposedOptimizersTest {
  private static final String NAME = "decoder.block.1.layer.2.DenseReluDense.wo.weight";
  private static final Shape SHAPE = Shape.of(9, 5);

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "lamb", "lion", "adamw_scale", "muon"})
  void aRunThatGoesOnFromItsStateHasTheSameBits(String name) {
    Optimizer.Options options = OptimizerSettings.named(name);
    try (Parameter whole = parameter(DType.F32);
        Parameter cut = parameter(DType.F32);
        Optimizer one = options.create();
        Optimizer before = options.create();
        Optimizer after = options.create()) {
      steps(one, whole, 0, 6);
      steps(before, cut, 0, 3);
      after.restore(NAME, cut);
      Map<String, Parameter> made = after.state();
      assertEquals(before.state().keySet(), made.keySet());
      before
          .state()
          .forEach((key, saved) -> {
            assertTrue(key.startsWith(NAME + "."), key);
            Parameter target = made.get(key);
            if (target != null) {
              target.set(saved);
            }
          });
      steps(after, cut, 3, 6);
      assertArrayEquals(whole.toFloats(), cut.toFloats());
      assertTrue(one.bytes() >= 4 * SHAPE.elements());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "lamb", "lion", "adamw_scale", "muon"})
  void aBfloat16ParameterIsRoundedFromAMasterThatLosesNothing(String name) {
    Optimizer.Options options = OptimizerSettings.named(name);
    try (Parameter wide = parameter(DType.F32);
        Parameter narrow = parameter(DType.BF16);
        Optimizer one = options.create();
        Optimizer other = options.create()) {
      wide.set(narrow.toFloats()); // begins at the rounded values
      steps(one, wide, 0, 5);
      steps(other, narrow, 0, 5);
      Parameter master = other.state().get(NAME + ".master");
      assertArrayEquals(wide.toFloats(), master == null ? new float[0] : master.toFloats());
      try (Parameter rounded = parameter(DType.BF16)) {
        rounded.set(wide);
        assertArrayEquals(rounded.toFloats(), narrow.toFloats());
      }
    }
  }

  @Test
  void piecesOfALargeParameterAreUpdatedAsSmallOnesAre() {
    int many = (1 << 18) + 37;
    for (String name : List.of("sgd", "lion")) {
      Optimizer.Options options = OptimizerSettings.named(name);
      try (Parameter large = Parameter.normal(Shape.of(many), 1, 5, Device.cpu());
          Parameter tail = Parameter.empty(Shape.of(37), Device.cpu());
          Optimizer one = options.create();
          Optimizer other = options.create();
          var _ = Scope.openWithoutGradients(Device.cpu())) {
        tail.set(large.slice(0, 1 << 18, many));
        for (int t = 1; t <= 3; t++) {
          Tensor gradient = Tensor.normal(Shape.of(many), t);
          var step = new Optimizer.Step(0.01, 0.1, t);
          one.update("a", large, gradient, step);
          other.update("b", tail, gradient.slice(0, 1 << 18, many), step);
        }
        assertArrayEquals(tail.toFloats(), large.slice(0, 1 << 18, many).toFloats());
      }
    }
  }

  @Test
  void muonLeavesEmbeddingsHeadsTablesAndNormsToAdamW() {
    var taken = new ArrayList<String>();
    try (Parameter matrix = parameter(DType.F32);
        Parameter vector = Parameter.full(Shape.of(4), 1, Device.cpu())) {
      for (String name :
          List.of(
              "shared.weight",
              "lm_head.weight",
              "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
              "encoder.block.0.layer.0.SelfAttention.q.weight",
              NAME)) {
        if (Muon.takes(name, matrix)) {
          taken.add(name);
        }
      }
      assertEquals(List.of("encoder.block.0.layer.0.SelfAttention.q.weight", NAME), taken);
      assertEquals(false, Muon.takes("encoder.block.0.layer.0.layer_norm.weight", vector));
      try (Optimizer muon = Muon.Options.DEFAULT.create();
          var _ = Scope.openWithoutGradients(Device.cpu())) {
        muon.update(
            "shared.weight", matrix, Tensor.normal(SHAPE, 1), new Optimizer.Step(0.01, 0, 1));
        assertEquals(
            List.of("shared.weight.first", "shared.weight.second"),
            List.copyOf(muon.state().keySet()));
      }
    }
  }

  @Test
  void refusesConstantsThatCannotBe() {
    for (String wrong :
        List.of(
            "{\"name\": \"sgd\", \"momentum\": 1}",
            "{\"name\": \"sgd\", \"nesterov\": true, \"dampening\": 0.5}",
            "{\"name\": \"sgd\", \"betas\": [0.9, 0.99]}",
            "{\"name\": \"lamb\", \"betas\": [0.9, 1]}",
            "{\"name\": \"lamb\", \"eps\": -1}",
            "{\"name\": \"lion\", \"betas\": [0.9]}",
            "{\"name\": \"lion\", \"eps\": 1e-8}",
            "{\"name\": \"adamw_scale\", \"betas\": [-0.1, 0.9]}",
            "{\"name\": \"muon\", \"adjust\": \"rms\"}",
            "{\"name\": \"muon\", \"adamw_share\": -1}")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> OptimizerSettings.of(JsonObject.parse("settings", wrong)),
          wrong);
    }
  }

  private static Parameter parameter(DType type) {
    Parameter parameter = Parameter.normal(SHAPE, 1, 7, Device.cpu());
    parameter.castTo(type);
    return parameter;
  }

  private static void steps(Optimizer optimizer, Parameter parameter, int from, int to) {
    for (int t = from; t < to; t++) {
      try (var _ = Scope.openWithoutGradients(Device.cpu())) {
        var step = new Optimizer.Step(0.01, 0.1, t + 1);
        optimizer.update(NAME, parameter, Tensor.normal(SHAPE, 100 + t), step);
      }
    }
  }
}
