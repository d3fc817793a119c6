package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.kernels.testing.StandIn;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// One case of each family that a step of T5 (`CudaStepsTest`) does not pass through: what tensors compute on a CUDA device
/// equals what they compute on the processor. All cases of all families run with `-Pemulator`.
class CudaFamiliesTest {

  @BeforeEach
  void standInIsThere() {
    StandIn.backend();
  }

  @Test
  void functionsElementByElement() {
    equal(x -> x.geluErf().add(x.tanh().multiply(x.multiply(0.1f).exp())).maximum(x.sigmoid()));
  }

  @Test
  void reductions() {
    equal(x -> x.sum(1, true).add(x.max(1, true)).add(x.cumulativeSum(0).sum(1, true)));
  }

  @Test
  void softmaxes() {
    equal(x -> x.softmax().add(x.logSoftmax()));
  }

  @Test
  void copiesOfOtherLayouts() {
    equal(x -> x.transpose(0, 1).slice(0, 3, 40));
  }

  @Test
  void products() {
    equal(x -> x.matmul(x.transpose(0, 1)));
  }

  @Test
  void largestOfARow() {
    equal(x -> x.topK(5).values());
  }

  private static void equal(UnaryOperator<Tensor> function) {
    assertArrayEquals(on(Device.cpu(), function), on(Device.cuda(0), function), 1e-4f);
    assertEquals("", StandIn.errors());
  }

  private static float[] on(Device device, UnaryOperator<Tensor> function) {
    try (var _ = Scope.open(device)) {
      return function.apply(Tensor.normal(Shape.of(37, 65), 7)).toFloats();
    }
  }
}
