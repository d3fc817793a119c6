package dev.quintet.core.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LossCall;
import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.MemoryContract;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.backend.Types;
import dev.quintet.core.instrument.Cost;
import dev.quintet.core.instrument.Dry;
import dev.quintet.core.instrument.Work;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
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
      Tensor z = y.add(1);
      var moment = DEFERRED.backend().queue().moment();
      assertEquals(0, DEFERRED.waiting(), "a moment is behind all that was called");
      assertEquals(3, z.toFloats()[0]);
      assertTrue(DEFERRED.backend().queue().moment().since(moment) >= 0);
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
    assertEquals(counts.commands(), counts.costs().stream().mapToLong(Cost::commands).sum());
    assertEquals(counts.bytes(), counts.costs().stream().mapToLong(Cost::bytes).sum());
    assertEquals(2 * 2 * (2 * 3 * 4), counts.costs().stream().mapToLong(Cost::flops).sum());
  }

  @Test
  void dryCountsTheOperationsOfProductsAndAttention() {
    Dry dry = Dry.open();
    Backend backend = dry.backend();
    AttentionCall call = AttentionCall.of(2, 3, 5, 7, 11);
    long pairs = 2 * 3 * 5 * 7;
    var in = new AttentionKernels.Inputs(8, 16, 24);
    var results = new AttentionKernels.Results(32, 40);
    var to = new Gradient(48, false);
    var gradients = new AttentionKernels.Gradients(to, to, to, Gradient.NONE);
    backend.attention().attention(call, in, results);
    backend.attention().attentionBackward(call, in, results, 56, gradients);
    var square = AttentionCall.of(2, 3, 6, 6, 11);
    var causal = new AttentionCall.Masks(AttentionCall.Kind.ALL, 0, 0, true, 0);
    backend.attention().attention(square.withMasks(causal), in, results);
    backend.attention().attention(call.withBias(AttentionCall.Bias.table(8, 2)), in, results);
    Product product = Product.nt(2, 3, 5);
    backend.matmul().multiplySum(product, new long[] {1, 2}, new long[] {3, 4}, 5);
    List<Cost> costs = dry.counts().costs();
    assertEquals(
        List.of(
            Work.CROSS_ATTENTION,
            Work.CROSS_ATTENTION_BACKWARD,
            Work.CAUSAL_ATTENTION,
            Work.BIASED_ATTENTION,
            Work.PRODUCT),
        costs.stream().map(Cost::work).toList());
    assertEquals(
        List.of(4 * pairs * 11, 10 * pairs * 11, 4L * 2 * 3 * 6 * 6 / 2 * 11, 4 * pairs * 11, 120L),
        costs.stream().map(Cost::flops).toList());
  }

  /// By chunks of the head: logits, loss, and where they are wanted the gradients of input and weight.
  @Test
  void dryCountsAHeadWithItsLossAsTheCommandsItIsMadeOf() {
    Dry dry = Dry.open();
    var call = new LossCall(6, 10, -100, 0, 0, 1, 0, Types.F32);
    var head = new LossKernels.Head(4, 3, 1, 2);
    var wanted = new Gradient(9, false);
    dry.backend().loss().linearCrossEntropy(call, head, 3, 4, wanted, wanted);
    List<Cost> costs = dry.counts().costs();
    assertEquals(
        List.of(Work.PRODUCT, Work.LOSS, Work.PRODUCT, Work.PRODUCT),
        costs.stream().map(Cost::work).toList());
    assertEquals(3 * 2 * 6 * 10 * 4, costs.stream().mapToLong(Cost::flops).sum());
    assertEquals(8, dry.counts().commands());
  }
}
