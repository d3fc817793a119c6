package dev.quintet.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpTest {
  private static final Shape SHAPE = Shape.of(3, 4);

  /// Sum and difference as one operation with two results.
  private static List<Tensor> both(Tensor a, Tensor b) {
    Tensor sum = a.detach().add(b.detach());
    Tensor difference = a.detach().subtract(b.detach());
    return Op.results("both", List.of(sum, difference))
        .from(a, b)
        .backEach(dys -> {
          dys.get(0)
              .ifPresent(dy -> {
                Op.add(a, dy);
                Op.add(b, dy);
              });
          dys.get(1)
              .ifPresent(dy -> {
                Op.add(a, dy);
                Op.add(b, dy.negate());
              });
        });
  }

  @Test
  void anOperationWithTwoResultsTakesTheGradientsOfBothOrOfOne() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor a = Tensor.normal(SHAPE, 1).withGradient();
      Tensor b = Tensor.normal(SHAPE, 2).withGradient();
      List<Tensor> results = both(a, b);
      results.get(0).multiply(results.get(1)).sum().backward(); // a² - b²
      assertArrayEquals(a.multiply(2).toFloats(), a.gradient().toFloats(), 1e-6f);
      assertArrayEquals(b.multiply(-2).toFloats(), b.gradient().toFloats(), 1e-6f);

      Tensor c = Tensor.normal(SHAPE, 3).withGradient();
      both(c, b).get(1).sum().backward();
      assertArrayEquals(Tensor.ones(SHAPE).toFloats(), c.gradient().toFloats());
    }
  }

  @Test
  void aBackwardStartsFromAnyTensorWithTheGradientOfItsElements() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.normal(SHAPE, 1).withGradient();
      Tensor dy = Tensor.normal(SHAPE, 2);
      x.multiply(3).backward(dy);
      assertArrayEquals(dy.multiply(3).toFloats(), x.gradient().toFloats());
      Tensor y = x.exp();
      assertThrows(IllegalArgumentException.class, () -> y.backward(Tensor.ones(Shape.of(2))));
    }
  }

  @Test
  void aPartThatIsComputedAnewHasTheSameGradientsBitForBit() {
    Parameter w = Parameter.normal(Shape.of(4, 4), 7);
    float[][] gradients = new float[2][];
    for (int anew = 0; anew < 2; anew++) {
      try (var scope = Scope.open(Device.cpu())) {
        Tensor x = Tensor.normal(SHAPE, 1).withGradient();
        Tensor h = x.exp();
        Tensor outside = h.multiply(0.3f);
        java.util.function.Supplier<List<Tensor>> part =
            () -> List.of(h.linear(w).tanh().multiply(h).linear(w), h.linear(w));
        List<Tensor> ys = anew == 1 ? Op.checkpoint(List.of(h, w), part) : part.get();
        int recorded = scope.tape().size();
        ys.get(0).multiply(ys.get(1)).add(outside).mean().backward();
        assertEquals(anew == 1 ? 3 : 7, recorded);
        float[] all = new float[28];
        System.arraycopy(x.gradient().toFloats(), 0, all, 0, 12);
        System.arraycopy(w.gradient().toFloats(), 0, all, 12, 16);
        gradients[anew] = all;
      }
      w.zeroGradient();
    }
    assertArrayEquals(gradients[0], gradients[1]);
    w.close();
  }

  @Test
  void aGradientTakesTheTypeOfItsTensor() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.of(Shape.of(2), 1.5f, -2).cast(DType.BF16).withGradient();
      Op.add(x, Tensor.of(Shape.of(2), 1, 2));
      Op.add(x, Tensor.of(Shape.of(2), 0.5f, 0.25f).cast(DType.BF16));
      assertEquals(DType.BF16, x.gradient().type());
      assertArrayEquals(new float[] {1.5f, 2.25f}, x.gradient().cast(DType.F32).toFloats());
    }
  }

  @Test
  void whatRequiresNoGradientIsNotRecorded() {
    try (var scope = Scope.open(Device.cpu())) {
      Tensor y = Op.result("twice", () -> Tensor.ones(SHAPE).multiply(2)).back(dy -> {});
      assertFalse(y.requiresGradient());
      assertEquals(0, scope.tape().size());
    }
  }
}
