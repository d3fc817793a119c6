package dev.quintet.core.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.MemoryContract;
import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class InstrumentsTest {
  private static final Glass GLASS = Glass.open();
  private static final Deferred DEFERRED = Deferred.open();

  @Nested
  class GlassMemory extends MemoryContract {
    @Override
    protected Backend backend() {
      return GLASS.backend();
    }
  }

  @Nested
  class DeferredMemory extends MemoryContract {
    @Override
    protected Backend backend() {
      return DEFERRED.backend();
    }
  }

  @Test
  void glassTellsWhoHandsAnAddressOfTheHostToTheDevice() {
    Backend glass = Backends.of(GLASS.device());
    var straight = new StridedCopy(new int[] {2}, new long[] {1}, new long[] {1});
    long inside = glass.memory().allocate(8);
    try (Arena arena = Arena.ofConfined()) {
      long outside = arena.allocate(8).address();
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () -> glass.layout().copy(straight, 4, outside, inside));
      assertTrue(error.getMessage().contains("address of the host"), error.getMessage());
      assertThrows(IllegalArgumentException.class, () -> glass.memory().copy(outside, inside, 8));
    }
    assertTrue(glass.memory().host(inside, 8).isEmpty());
    glass.memory().release(inside, 8);
  }

  @Test
  void deferredComputesWhenSomebodyWaits() {
    try (var _ = Scope.open(DEFERRED.device())) {
      DEFERRED.backend().queue().synchronize();
      Tensor y = Tensor.ones(Shape.of(3)).add(1);
      var event = DEFERRED.backend().queue().record();
      Memory.Later later = DEFERRED.backend().memory().readLater(y.address(), 12);
      assertTrue(DEFERRED.waiting() > 0);
      assertFalse(event.done() || later.done());
      assertArrayEquals(new float[] {2, 2, 2}, y.toFloats());
      assertTrue(event.done() && later.done());
      assertEquals(2, later.get().get(ValueLayout.JAVA_FLOAT, 8));
      assertEquals(0, DEFERRED.waiting());
    }
  }

  @Test
  void deferredSpoilsWhatWasReleasedInTheOrderOfCalls() {
    Backend deferred = DEFERRED.backend();
    long freed = deferred.memory().allocate(4);
    long kept = deferred.memory().allocate(8);
    var one = new StridedCopy(new int[] {1}, new long[] {1}, new long[] {1});
    deferred.layout().fill(5, freed, 1);
    deferred.layout().copy(one, 4, freed, kept);
    deferred.memory().release(freed, 4);
    deferred.layout().copy(one, 4, freed, kept + 4);
    float[] both = new float[2];
    deferred.memory().read(kept, MemorySegment.ofArray(both), 8);
    assertArrayEquals(new float[] {5, Float.NaN}, both);
    deferred.memory().release(kept, 8);
  }

  @Test
  void carriesGradientsFromDeviceToDevice() {
    try (var w = Parameter.full(Shape.of(2, 2), 3, Device.cpu());
        var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.of(Shape.of(2, 2), 1, 2, 3, 4);
      Tensor far = x.multiply(w).to(DEFERRED.device());
      assertEquals(DEFERRED.device(), far.device());
      Tensor there;
      try (var inner = Scope.open(DEFERRED.device())) {
        there = inner.keep(far.square());
      }
      there.to(Device.cpu()).sum().backward();
      assertArrayEquals(new float[] {6, 24, 54, 96}, w.gradient().toFloats());
      var error = assertThrows(IllegalArgumentException.class, () -> x.add(far));
      assertTrue(error.getMessage().contains("to(device)"), error.getMessage());
      var elsewhere = assertThrows(IllegalArgumentException.class, far::exp);
      assertTrue(elsewhere.getMessage().contains("Scope.open"), elsewhere.getMessage());
    }
  }

  @Test
  void movesParametersInPlaceWithTheirGradients() {
    Memory cpu = Backends.of(Device.cpu()).memory();
    long before = cpu.bytesInUse();
    try (var w = Parameter.full(Shape.of(3), 2, Device.cpu())) {
      Tensor view;
      try (var _ = Scope.open(Device.cpu())) {
        w.square().sum().backward();
        view = w.detach();
      }
      w.moveTo(GLASS.device());
      assertEquals(before, cpu.bytesInUse());
      assertEquals(GLASS.device(), view.device());
      assertArrayEquals(new float[] {2, 2, 2}, view.toFloats());
      assertArrayEquals(new float[] {4, 4, 4}, w.gradient().toFloats());
      try (var _ = Scope.open(GLASS.device())) {
        w.square().sum().backward();
      }
      assertArrayEquals(new float[] {8, 8, 8}, w.gradient().toFloats());
      w.moveTo(Device.cpu());
      assertArrayEquals(new float[] {8, 8, 8}, w.gradient().toFloats());
    }
    assertEquals(before, cpu.bytesInUse());
  }

  @Test
  void refusesToMoveWhatAScopeKeepsAViewOf() {
    try (var w = Parameter.full(Shape.of(3), 2, Device.cpu());
        var _ = Scope.open(Device.cpu())) {
      try (var inner = Scope.open()) {
        inner.keep(w.detach());
      }
      assertThrows(IllegalStateException.class, () -> w.moveTo(GLASS.device()));
      assertArrayEquals(new float[] {2, 2, 2}, w.toFloats());
    }
  }

  @Test
  void dryCountsWhatAStepAsksFor() {
    Dry dry = Dry.open();
    for (int step = 0; step < 2; step++) {
      dry.reset();
      try (var _ = Scope.open(dry.device())) {
        Tensor x = Tensor.of(Shape.of(2, 3), new float[6]).withGradient();
        x.matmul(Tensor.zeros(Shape.of(3, 4))).sum().backward();
        assertEquals(0, x.gradient().toFloats()[5]);
      }
    }
    Dry.Counts counts = dry.counts();
    assertEquals(1, counts.uploads());
    assertEquals(1, counts.waits());
    assertEquals(4 * (6 + 12 + 8), counts.calls().get("MatmulKernels.multiply")[1] / 2);
    assertTrue(counts.peak() >= 4 * (6 + 12 + 8) && counts.peak() < 4096);
    assertTrue(counts.unknown().isEmpty(), counts.unknown().toString());
    assertEquals(DType.F32.bytes(6), counts.calls().get("Memory.write")[1]);
  }
}
