package dev.quintet.core.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayersTest {
  private static final Shape WEIGHT = Shape.of(200, 300);

  private static void spreads(Init init, double deviation) {
    try (Parameter p = init.make(WEIGHT, 3);
        Parameter again = init.make(WEIGHT, 3);
        Parameter other = init.make(WEIGHT, 4);
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      assertEquals(0, p.mean().item(), 0.02 * deviation);
      assertEquals(deviation, p.std().item(), 0.02 * deviation);
      assertArrayEquals(p.toFloats(), again.toFloats());
      assertNotEquals(p.get(0, 0).item(), other.get(0, 0).item());
    }
  }

  @Test
  void parametersStartAsWideAsTheirInitialiserSays() {
    spreads(Init.normal(0.5), 0.5);
    spreads(Init.uniform(0.3), 0.3 / Math.sqrt(3));
    spreads(Init.kaimingNormal(), Math.sqrt(2.0 / 300));
    spreads(Init.kaimingUniform(), Math.sqrt(2.0 / 300));
    spreads(Init.xavierNormal(), Math.sqrt(2.0 / 500));
    spreads(Init.xavierUniform(), Math.sqrt(2.0 / 500));
    try (Parameter zeros = Init.zeros().make(Shape.of(2), 1);
        Parameter twos = Init.full(2).make(Shape.of(2), 1);
        Parameter bias = Init.ones().make(Shape.of(3), 1)) {
      assertArrayEquals(new float[2], zeros.toFloats());
      assertArrayEquals(new float[] {2, 2}, twos.toFloats());
      String message =
          assertThrows(IllegalArgumentException.class, () -> Init.xavierNormal().fill(bias, 1))
              .getMessage();
      assertTrue(message.contains("[3]"), message);
    }
    assertThrows(IllegalArgumentException.class, () -> Init.uniform(-1).make(WEIGHT, 1));
  }

  @Test
  void newLinearLayersSpreadByTheirInputsAndTheirBiasIsNoCopyOfTheirWeight() {
    try (Linear layer = Linear.create(100, 4, 7);
        Linear plain = Linear.withoutBias(100, 4, 7);
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      assertTrue(layer.weight().abs().max().item() <= 0.1f);
      assertArrayEquals(plain.weight().toFloats(), layer.weight().toFloats());
      float[] bias = layer.bias().orElseThrow().toFloats();
      assertNotEquals(layer.weight().get(0, 0).item(), bias[0]);
      assertTrue(plain.bias().isEmpty());
      Tensor x = Tensor.ones(Shape.of(2, 100));
      assertArrayEquals(
          plain.apply(x, Pass.inference()).add(layer.bias().get()).toFloats(),
          layer.apply(x, Pass.inference()).toFloats());
    }
    assertThrows(IllegalArgumentException.class, () -> Linear.create(0, 4, 7));
  }

  @Test
  void layersFollowEachOtherAndAreSavedByTheirPlaces(@TempDir Path folder) {
    try (Sequential model = mlp(1);
        Sequential other = mlp(2);
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      assertEquals(
          List.of("0.weight", "0.bias", "3.weight", "3.bias", "4.weight", "4.bias"),
          List.copyOf(model.parameters().keySet()));
      Tensor x = Tensor.normal(Shape.of(5, 3), 9);
      Path file = folder.resolve("mlp.safetensors");
      model.save(file);
      other.load(file);
      Tensor y = model.apply(x, Pass.inference());
      assertEquals(Shape.of(5, 2), y.shape());
      assertArrayEquals(y.toFloats(), other.apply(x, Pass.inference()).toFloats());
      model.replace("3", new Activation(Tensor::tanh));
      assertEquals(4, model.parameters().size());
      Tensor same = Sequential.of().apply(x, Pass.inference());
      assertEquals(x, same);
    }
  }

  @Test
  void aFunctionAmongLayersSeesThePass() {
    try (var _ = Scope.open(Device.cpu())) {
      Layer whenTraining = (x, pass) -> pass.training() ? x.negate() : x;
      var model = Sequential.of(whenTraining);
      assertEquals(-1, model.apply(Tensor.ones(Shape.of(1)), Pass.training(1, 2, 0)).item());
      assertEquals(1, model.apply(Tensor.ones(Shape.of(1)), Pass.inference()).item());
    }
  }

  private static Sequential mlp(long seed) {
    return Sequential.of(
        Linear.create(3, 8, seed),
        new Activation(Tensor::relu),
        (x, pass) -> x.multiply(2),
        LayerNorm.create(8),
        Linear.create(8, 2, seed + 10));
  }
}
