package dev.quintet.trainer.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.RunState;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("deferred")
class UpdatesTest {

  @Test
  void clippingByValueClampsElementsAfterTheNormWasMeasured() {
    UpdateRule rule = UpdateRule.decay(0).withClipValue(0.5);
    for (Optimizer.Options options :
        new Optimizer.Options[] {new Sgd.Options(0, 0, false), AdamW.Options.DEFAULT}) {
      try (Parameter w = Parameter.full(Shape.of(3), 0, Device.cpu());
          Optimizer optimizer = options.create();
          var updates = new Updates(Map.of("w", w), optimizer, rule, 1e-3)) {
        gradient(w, 3, -4, 0.25f);
        RunState.Outcome outcome = updates.apply(1).outcome();
        assertEquals(Math.sqrt(9 + 16 + 0.0625), outcome.norm(), 1e-6);
        assertEquals(1, outcome.scale());
        if (optimizer instanceof Sgd) {
          assertArrayEquals(new float[] {-0.5f, 0.5f, -0.25f}, w.toFloats());
        } else {
          float[] first = Objects.requireNonNull(optimizer.state().get("w.first")).toFloats();
          assertArrayEquals(new float[] {0.05f, -0.05f, 0.025f}, first, 1e-7f);
        }
      }
    }
    assertThrows(
        IllegalArgumentException.class, () -> UpdateRule.decay(0).withClipValue(Double.NaN));
  }

  @Test
  void theAverageFollowsUpdatesButNoStepThatIsSkipped() {
    UpdateRule rule = UpdateRule.decay(0).withAverage(new Ema.Options(0.5, false));
    try (Parameter w = Parameter.full(Shape.of(1), 8, Device.cpu());
        Optimizer optimizer = new Sgd.Options(0, 0, false).create();
        var updates = new Updates(Map.of("w", w), optimizer, rule, Double.POSITIVE_INFINITY)) {
      gradient(w, 4);
      updates.apply(1);
      gradient(w, Float.NaN);
      updates.apply(1);
      Ema average = updates.average().orElseThrow();
      assertEquals(1, average.updates());
      assertArrayEquals(
          new float[] {6}, Objects.requireNonNull(average.state().get("w")).toFloats());
      assertArrayEquals(new float[] {4}, w.toFloats());
    }
  }

  @Test
  void onTheWayBackTheFirstGradientThatIsNotFiniteIsNamedAndNothingBehindItIsUpdated() {
    try (Parameter first = Parameter.full(Shape.of(2), 1, Device.cpu());
        Parameter root = Parameter.full(Shape.of(2), 0, Device.cpu());
        Parameter last = Parameter.full(Shape.of(2), 1, Device.cpu());
        Optimizer optimizer = new Sgd.Options(0, 0, false).create();
        var updates =
            new Updates(
                Map.of("first", first, "root", root, "last", last),
                optimizer,
                UpdateRule.decay(0).withFused(true),
                Double.POSITIVE_INFINITY);
        var _ = Scope.open(Device.cpu())) {
      updates.state().write(first.backend().memory(), new RunState.Inputs(0, 0, 0, 0.5, 1));
      // the root of 0 has an infinite slope and is finite itself
      Tensor loss = first.multiply(2).sum().add(root.sqrt().sum()).add(last.sum());
      updates.add(loss);
      var e = assertThrows(ArithmeticException.class, () -> updates.updateOnTheWayBack(loss));
      assertTrue(e.getMessage().contains("the gradient of root is not finite"), e.getMessage());
      assertArrayEquals(new float[] {0.5f, 0.5f}, last.toFloats());
      assertArrayEquals(new float[] {0, 0}, root.toFloats());
      assertArrayEquals(new float[] {1, 1}, first.toFloats());
      assertEquals(0, first.gradientBytes() + root.gradientBytes() + last.gradientBytes());
    }
  }

  private static void gradient(Parameter parameter, float... values) {
    parameter.zeroGradient();
    try (var _ = Scope.open(Device.cpu())) {
      parameter.multiply(Tensor.of(parameter.shape(), values)).sum().backward();
    }
  }
}
