package dev.quintet.core.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Fused operations beside those they are made of, and layers of bfloat16 beside those of float32: bit for bit the same.
class LayerOperationTest {
  private static final Shape ROWS = Shape.of(2, 3, 40);
  private static final DropoutMask MASK = new DropoutMask(0.3f, 5, 6, 7, 8);

  @Test
  void aSumAndItsNormHaveTheBitsOfResidualAndNormWhicheverIsUsed() {
    for (DropoutMask mask : List.of(MASK, DropoutMask.NONE)) {
      for (List<Integer> used : List.of(List.of(0), List.of(1), List.of(0, 1))) {
        assertEquals(
            run(
                in -> pick(used, in.get(0).residualNorm(in.get(1), mask, in.get(2), 1e-6f)),
                _ -> true),
            run(
                in -> {
                  Tensor sum = in.get(0).residual(in.get(1), mask);
                  return pick(used, List.of(sum, sum.rmsNorm(in.get(2), 1e-6f)));
                },
                _ -> true));
      }
    }
  }

  @Test
  void aSumAndItsNormLeaveOutWhatIsFrozen() {
    for (int trained = 0; trained < 3; trained++) {
      int only = trained;
      assertEquals(
          run(in -> in.get(0).residualNorm(in.get(1), MASK, in.get(2), 1e-6f), i -> i == only),
          run(
              in -> {
                Tensor sum = in.get(0).residual(in.get(1), MASK);
                return List.of(sum, sum.rmsNorm(in.get(2), 1e-6f));
              },
              i -> i == only));
    }
    try (var _ = Scope.open(Device.cpu())) {
      List<Tensor> in = inputs();
      in.get(2).withGradient();
      List<Tensor> both = in.get(0).residualNorm(in.get(1), MASK, in.get(2), 1e-6f);
      assertEquals(List.of(false, true), both.stream().map(Tensor::requiresGradient).toList());
    }
  }

  @Test
  void dropoutInAGateHasTheBitsOfDropoutBehindIt() {
    assertEquals(
        run(in -> List.of(in.get(0).gate(Unary.SILU, in.get(1), MASK)), _ -> true),
        run(in -> List.of(in.get(0).gate(Unary.SILU, in.get(1)).dropout(MASK)), _ -> true));
  }

  @Test
  void aGateTakesOneTensorTwice() {
    assertEquals(
        run(in -> List.of(in.get(0).gate(Unary.RELU, in.get(0))), _ -> true),
        run(in -> List.of(in.get(0).relu().multiply(in.get(0))), _ -> true));
  }

  @Test
  void layersOfBfloat16AreThoseOfFloat32Rounded() {
    List<Function<List<Tensor>, Tensor>> layers =
        List.of(
            in -> in.get(0).rmsNorm(in.get(2), 1e-6f),
            in -> in.get(0).layerNorm(in.get(2), in.get(3), 1e-6f),
            in -> in.get(0).dropout(MASK),
            in -> in.get(0).residual(in.get(1), MASK),
            in -> in.get(0).residual(in.get(1), DropoutMask.NONE),
            in -> in.get(0).residualNorm(in.get(1), MASK, in.get(2), 1e-6f).getFirst(),
            in -> in.get(0).gate(Unary.GELU_TANH, in.get(1), MASK),
            in -> in.get(0).rows(Tensor.ofInts(Shape.of(2), 1, 0)),
            in -> in.get(0).softmax(),
            in -> in.get(0).logSoftmax(),
            in -> in.get(0).sum(),
            in -> in.get(0).sum(1, false),
            in -> in.get(0).max(2, true),
            in -> in.get(0).mean(),
            in -> in.get(0).mean(0, false),
            in -> in.get(0).var(2, false),
            in -> in.get(0).cumulativeSum(1),
            in -> in.get(0).topK(3).values(),
            in -> in.get(0).slice(1, 1, 3),
            in -> in.get(0).slice(0, 1, 2),
            in -> in.get(0).slice(2, 0, 40, 3),
            in -> in.get(0).flip(1),
            in -> in.get(0).permute(2, 0, 1),
            in -> in.get(0).select(1, 2),
            in -> in.get(2).broadcastTo(ROWS),
            in -> in.get(2).tile(2, 2),
            in -> Tensor.concat(1, List.of(in.get(0), in.get(1))),
            in -> in.get(0).gt(0).where(in.get(0), in.get(1)),
            in -> in.get(0).gt(in.get(1)).where(in.get(2), in.get(1)),
            in -> in.get(0).gather(2, in.get(0).argMax().unsqueeze(-1)));
    for (Function<List<Tensor>, Tensor> layer : layers) {
      String place = "layer " + layers.indexOf(layer);
      assertEquals(ofType(DType.F32, layer), ofType(DType.BF16, layer), place);
    }
  }

  @Test
  void aWeightOfBfloat16IsReadByAnyNorm() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.normal(ROWS, 1);
      Tensor weight = Tensor.normal(Shape.of(40), 2).cast(DType.BF16);
      assertArrayEquals(
          x.rmsNorm(weight.cast(DType.F32), 1e-6f).toFloats(), x.rmsNorm(weight, 1e-6f).toFloats());
    }
  }

  /// The result and the gradients, as bfloat16 holds them, of inputs that it holds.
  private static List<List<Float>> ofType(DType type, Function<List<Tensor>, Tensor> layer) {
    try (var _ = Scope.open(Device.cpu())) {
      List<Tensor> inputs = inputs();
      inputs.replaceAll(x -> x.cast(DType.BF16).cast(type).detach().withGradient());
      Tensor y = layer.apply(inputs);
      assertEquals(type, y.type());
      y.backward(Tensor.normal(y.shape(), 9).cast(DType.BF16).cast(type));
      var all = new ArrayList<>(List.of(y.detach()));
      inputs.stream().filter(Tensor::hasGradient).map(Tensor::gradient).forEach(all::add);
      return all.stream().map(x -> values(x.cast(DType.F32).cast(DType.BF16))).toList();
    }
  }

  /// The results and the gradients of what trains.
  private static List<List<Float>> run(
      Function<List<Tensor>, List<Tensor>> operation, IntPredicate trains) {
    try (var _ = Scope.open(Device.cpu())) {
      List<Tensor> inputs = inputs();
      IntStream.range(0, inputs.size()).filter(trains).forEach(i -> inputs.get(i).withGradient());
      List<Tensor> all = new ArrayList<>(operation.apply(inputs));
      all.stream()
          .filter(Tensor::requiresGradient)
          .map(y -> y.multiply(Tensor.normal(y.shape(), 9)).sum())
          .reduce(Tensor::add)
          .ifPresent(Tensor::backward);
      inputs.stream().filter(Tensor::hasGradient).map(Tensor::gradient).forEach(all::add);
      return all.stream().map(LayerOperationTest::values).toList();
    }
  }

  private static List<Tensor> inputs() {
    return new ArrayList<>(
        List.of(
            Tensor.normal(ROWS, 1),
            Tensor.normal(ROWS, 2),
            Tensor.normal(Shape.of(40), 3),
            Tensor.normal(Shape.of(40), 4)));
  }

  private static List<Tensor> pick(List<Integer> which, List<Tensor> of) {
    return which.stream().map(of::get).toList();
  }

  private static List<Float> values(Tensor x) {
    float[] values = x.toFloats();
    return IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
  }

  @Test
  void aReluWithDropoutHasTheBitsOfBothAndKeepsItsResultAlone() {
    for (DropoutMask mask : List.of(MASK, DropoutMask.NONE)) {
      assertEquals(
          run(in -> List.of(in.get(0).relu(mask)), i -> i == 0),
          run(in -> List.of(in.get(0).relu().dropout(mask)), i -> i == 0));
    }
    try (var scope = Scope.open(Device.cpu())) {
      Tensor x = Tensor.normal(ROWS, 1).withGradient();
      Tensor y = Scope.local(() -> x.add(1).relu(MASK));
      assertEquals(2, y.storage().holders()); // the scope and the tape
      assertEquals(2, scope.tape().size());
    }
  }
}
