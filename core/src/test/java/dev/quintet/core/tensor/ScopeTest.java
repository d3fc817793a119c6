package dev.quintet.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private static final Memory MEMORY = Backends.of(Device.cpu()).memory();

  @Test
  void freesWhatWasMadeInIt() {
    long before = MEMORY.bytesInUse();
    Tensor escaped;
    try (var _ = Scope.open(Device.cpu())) {
      escaped = Tensor.ones(Shape.of(100));
      assertTrue(MEMORY.bytesInUse() > before);
    }
    assertEquals(before, MEMORY.bytesInUse());
    var error = assertThrows(IllegalStateException.class, escaped::toFloats);
    assertTrue(error.getMessage().contains("keep"), error.getMessage());
  }

  @Test
  void saysWhatToWriteWhereNoneIsOpen() {
    var error = assertThrows(IllegalStateException.class, () -> Tensor.ones(Shape.of(3)));
    assertTrue(error.getMessage().contains("Scope.open"), error.getMessage());
  }

  @Test
  void handsKeptTensorsToItsParent() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor kept = Scope.local(() -> Tensor.ones(Shape.of(2)).add(1));
      assertArrayEquals(new float[] {2, 2}, kept.toFloats());
    }
  }

  @Test
  void refusesToKeepWithoutAParent() {
    try (var scope = Scope.open(Device.cpu())) {
      Tensor x = Tensor.ones(Shape.of(2));
      assertThrows(IllegalStateException.class, () -> scope.keep(x));
    }
  }

  @Test
  void isClosedInReverseOrder() {
    try (var outer = Scope.open(Device.cpu())) {
      try (var _ = Scope.open()) {
        assertThrows(IllegalStateException.class, outer::close);
      }
    }
  }

  @Test
  void repeatsItsAddressesFromStepToStep() {
    long first = addressOfAStep();
    assertEquals(first, addressOfAStep());
  }

  private static long addressOfAStep() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.ones(Shape.of(64, 64));
      return x.matmul(x).relu().sum().address();
    }
  }

  @Test
  void recordsNothingWithoutGradients() {
    try (var w = Parameter.full(Shape.of(3), 2, Device.cpu());
        var scope = Scope.openWithoutGradients(Device.cpu())) {
      Tensor y = w.multiply(3).sum();
      assertFalse(y.requiresGradient());
      assertEquals(0, scope.tape().size());
    }
  }
}
