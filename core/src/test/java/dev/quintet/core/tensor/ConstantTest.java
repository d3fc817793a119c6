package dev.quintet.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.core.nn.Module;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import org.junit.jupiter.api.Test;

class ConstantTest {
  private static final class Counting extends Module {
    private final Constant numbers = constant(new Constant(Shape.of(3), 5, 7, 9));
  }

  private static final class Outer extends Module {
    Outer(Module inner) {
      child("inner", inner);
    }
  }

  @Test
  void isWrittenOnceOutlivesScopesAndGoesWithItsModule() {
    var counting = new Counting();
    Tensor first;
    try (var scope = Scope.open(Device.cpu())) {
      first = counting.numbers.beside(Tensor.zeros(Shape.of(1)));
    }
    try (var scope = Scope.open(Device.cpu())) {
      Tensor second = counting.numbers.beside(Tensor.zeros(Shape.of(1)));
      assertEquals(first.address(), second.address());
      assertArrayEquals(new int[] {5, 7, 9}, second.toInts());
      new Outer(counting).close();
      assertThrows(IllegalStateException.class, second::address);
    }
    assertThrows(IllegalArgumentException.class, () -> new Constant(Shape.of(2), 1));
  }
}
