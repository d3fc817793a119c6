package dev.quintet.models;

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
    return Op.result("softplus", () -> x.exp().add(1).log())
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
}
