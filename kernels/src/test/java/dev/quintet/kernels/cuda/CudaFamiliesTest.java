package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.DrawState;
import dev.quintet.core.backend.Selection;
import dev.quintet.core.random.PhiloxState;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.kernels.testing.StandIn;
import java.util.Arrays;
import java.util.List;
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

  @Test
  void drawnTokens() {
    assertArrayEquals(drawn(Device.cpu()), drawn(Device.cuda(0)));
    assertEquals("", StandIn.errors());
  }

  private static int[] drawn(Device device) {
    Selection rule =
        Selection.LIKELIEST.withDraws().withForbidden(List.of(7)).withTopK(30).withTopP(0.9);
    try (var _ = Scope.open(device)) {
      Tensor logits = Tensor.normal(Shape.of(5, 2000), 7);
      Tensor tokens = Tensor.empty(Shape.of(5), DType.I32);
      Tensor words = Tensor.empty(Shape.of(DrawState.bytes(5) / 4), DType.I32);
      var state = new DrawState(words.address());
      var start = new PhiloxState[5];
      Arrays.setAll(start, row -> new PhiloxState(3, row, 1));
      state.write(logits.backend().memory(), start);
      logits.backend().selection().select(rule, 5, 2000, logits.address(), state, tokens.address());
      return tokens.toInts();
    }
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
