package dev.quintet.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The operation that CONTRIBUTING.md shows, written outside core.
@Tag("deferred")
class OwnOperationTest {

  /// y = ln(1 + e^x); dx = dy sigmoid(x).
  static Tensor softplus(Tensor x) {
    return Op.result("softplus", () -> x.relu().add(x.abs().negate().exp().add(1).log()))
        .from(x)
        .saves(x)
        .back(dy -> Op.add(x, dy.multiply(x.detach().sigmoid())));
  }

  @Test
  void anOperationOfAnApplicationHasValueAndGradient() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.normal(Shape.of(5, 7), 1).withGradient();
      Tensor dy = Tensor.normal(Shape.of(5, 7), 2);
      Tensor y = softplus(x);
      y.backward(dy);
      float[] values = x.toFloats();
      float[] factors = dy.toFloats();
      float[] results = y.toFloats();
      float[] gradients = x.gradient().toFloats();
      for (int i = 0; i < values.length; i++) {
        assertEquals(Math.log1p(Math.exp(values[i])), results[i], 1e-6);
        assertEquals(factors[i] / (1 + Math.exp(-values[i])), gradients[i], 1e-6);
      }
    }
  }

  @Test
  void itIsOneOperationOnTheTapeAndHoldsForLargeValues() {
    try (var scope = Scope.open(Device.cpu())) {
      Tensor x = Tensor.of(Shape.of(3), -1000, 0, 1000).withGradient();
      Tensor y = softplus(x);
      assertEquals(1, scope.tape().size());
      assertArrayEquals(new float[] {0, 0.6931472f, 1000}, y.toFloats(), 1e-6f);
      y.sum().backward();
      assertArrayEquals(new float[] {0, 0.5f, 1}, x.gradient().toFloats(), 1e-6f);
    }
  }
}
