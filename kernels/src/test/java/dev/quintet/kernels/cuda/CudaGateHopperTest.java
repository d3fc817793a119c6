package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.GateCall;
import dev.quintet.core.backend.GateContract;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.cuda.CudaMatmul.Group;
import dev.quintet.kernels.cuda.MatmulPlan.Tile;
import dev.quintet.kernels.testing.StandIn;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.trainer.loop.SteadySteps;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The contract with products and gate in one kernel wherever it can take them, small ones too.
@Tag("emulator")
class CudaGateHopperTest extends GateContract {
  private static final String KERNEL = "matmul_hopper_gated";
  private static @Nullable Backend backend;

  @Override
  protected Backend backend() {
    if (backend == null) {
      backend = Rung.of(whole(), "gate", (cuda, itself) -> new CudaGate(cuda.cuda(), itself, true));
    }
    return backend;
  }

  @Override
  protected boolean aligned() {
    return true;
  }

  private static CudaBackend whole() {
    return (CudaBackend) StandIn.backend();
  }

  @AfterEach
  void nothingWasFound() {
    assertEquals("", StandIn.errors());
  }

  /// Clusters take several pairs of tiles, of which the last are not whole, and stages are filled more than once.
  @Test
  void everyScheduleGivesTheBitsOfOne() {
    try (var operands = new Operands(backend())) {
      var layer = new Layer(operands, 2, 133, 320, 328, 0.1f);
      StandIn.reset();
      Schedules.same("gate, up and y", () -> layer.results(true));
      assertEquals(1 + StandIn.Schedule.values().length, StandIn.counts(KERNEL).launches());
    }
  }

  @Test
  void movesTheBytesThatItSays() {
    for (float p : new float[] {0, 0.1f}) {
      for (boolean kept : new boolean[] {false, true}) {
        try (var operands = new Operands(backend())) {
          var layer = new Layer(operands, 2, 150, 192, 136, p);
          assertEquals(Set.of(KERNEL), Traffic.check(whole(), () -> layer.run(kept)));
        }
      }
    }
  }

  /// The results are those of products by Hopper's instructions and of the gate's own kernel, whatever is dropped.
  @Test
  void givesTheBitsOfProductsAndTheirGate() {
    for (Unary activation : List.of(Unary.RELU, Unary.SILU, Unary.GELU_TANH, Unary.GELU_ERF)) {
      for (int kind = 0; kind < 3; kind++) { // no mask, one of rows, one of tokens without padding
        try (var operands = new Operands(backend())) {
          var layer =
              new Layer(operands, 3, 43, 192, 136, kind == 0 ? 0 : 0.1f)
                  .with(activation, kind == 2);
          StandIn.reset();
          byte[] together = layer.results(true);
          assertEquals(1, StandIn.counts(KERNEL).launches());
          assertArrayEquals(layer.apart(), together, () -> layer.call.toString());
          byte[] alone = layer.results(false);
          int y = 2 * layer.bytes;
          assertArrayEquals(
              Arrays.copyOfRange(together, y, together.length),
              Arrays.copyOfRange(alone, y, alone.length));
          assertArrayEquals(new byte[y], Arrays.copyOf(alone, y), "nobody wants the products");
        }
      }
    }
  }

  /// A few rows go their own ways: products of small tiles, which may be cut in parts, and a gate.
  @Test
  void isTakenForManyRowsAlone() {
    var gate = new CudaGate(whole().cuda(), whole());
    for (int tokens : new int[] {5, 512}) {
      try (var operands = new Operands(backend())) {
        var layer = new Layer(operands, 2, tokens, 1024, 64, 0);
        StandIn.reset();
        gate.gatedProduct(
            layer.call, layer.product, layer.x, layer.first, layer.second, 0, 0, layer.y);
        assertEquals(tokens == 5 ? 0 : 1, StandIn.counts(KERNEL).launches());
        assertEquals(tokens == 5 ? 1 : 0, StandIn.counts("gate_forward_bf16").launches());
      }
    }
  }

  /// Steps of a toy T5, of which the last is repeated as a graph.
  @Test
  @Tag("whole")
  void aTrainingLearnsTheSame() {
    double[] apart = losses(whole());
    StandIn.reset();
    double[] together = losses(backend());
    assertTrue(StandIn.counts(KERNEL).launches() >= 2 * together.length);
    assertTrue(together[together.length - 1] < together[0]);
    assertArrayEquals(apart, together, 0.01 * apart[0]);
  }

  private static double[] losses(Backend of) {
    Backends.unregister(whole());
    Backends.register(of);
    T5Config config =
        T5Config.small()
            .withVocabSize(384)
            .withWidths(64, 16, 4, 128)
            .withLayers(1, 1)
            .withFeedForward("gated-gelu")
            .withDropout(0.1f);
    try (T5 model = T5.create(config, 5, of.device())) {
      model.to(DType.BF16);
      try (var steps = new SteadySteps(model, true)) {
        double[] losses = new double[3];
        for (int i = 0; i < losses.length; i++) {
          losses[i] = steps.step(steps.batch(2, 32, 32)).outcome().loss();
        }
        return losses;
      }
    } finally {
      Backends.unregister(of);
      Backends.register(whole());
    }
  }

  /// A gated layer of rows of tokens, with random weights and a mask whose numbers lie in a state.
  private final class Layer {
    private final Product product;
    private final long table;
    private GateCall call;
    private final long x;
    private final long first;
    private final long second;
    private final long gate;
    private final long y;
    private final int bytes;

    Layer(Operands operands, int rows, int tokens, int n, int k, float p) {
      int m = rows * tokens;
      var random = new Random(5);
      bytes = 2 * m * n;
      var state = new RunState(operands.zeros(RunState.BYTES));
      var mask = new DropoutMask(p, 1, 2, 3, 4, state.address(), 0);
      call =
          new GateCall(
              Unary.GELU_TANH,
              new DropoutCall(mask, rows, (long) tokens * n, Types.of(DType.BF16)));
      product = Product.nt(m, n, k).withTypes(Types.of(DType.BF16));
      x = put(operands, m * k, random);
      first = put(operands, n * k, random);
      second = put(operands, n * k, random);
      gate = operands.zeros(3L * bytes);
      y = gate + 2L * bytes;
      table = operands.zeros(8L * m);
      int[] places = random.ints(2L * m, 0, 100).toArray();
      backend().memory().write(MemorySegment.ofArray(places), table, 8L * m);
    }

    /// Another activation, and a mask of rows or of tokens without padding.
    Layer with(Unary activation, boolean places) {
      DropoutCall rows = call.dropout();
      var tokens =
          new DropoutCall(rows.mask().withPlaces(table), product.m(), product.n(), rows.types());
      call = new GateCall(activation, places ? tokens : rows);
      return this;
    }

    private long put(Operands operands, int count, Random random) {
      short[] values = new short[count];
      for (int i = 0; i < count; i++) {
        values[i] = (short) (Float.floatToIntBits((float) random.nextGaussian() / 8) >>> 16);
      }
      long address = operands.zeros(2L * count);
      backend().memory().write(MemorySegment.ofArray(values), address, 2L * count);
      return address;
    }

    void run(boolean kept) {
      long up = gate + bytes;
      backend()
          .gate()
          .gatedProduct(call, product, x, first, second, kept ? gate : 0, kept ? up : 0, y);
    }

    byte[] results(boolean kept) {
      backend().memory().zero(gate, 3L * bytes);
      run(kept);
      return read();
    }

    /// By a kernel for the products, and another one for the gate.
    byte[] apart() {
      backend().memory().zero(gate, 3L * bytes);
      var matmul = (CudaMatmul) whole().matmul();
      var plan = new MatmulPlan(Tile.HOPPER_256, 1, Tile.HOPPER_256.depth(product.k()));
      long up = gate + bytes;
      matmul.multiply(
          new Group(product, new long[] {x, x}, new long[] {first, second}, new long[] {gate, up}),
          plan);
      whole().gate().gated(call, gate, up, y);
      return read();
    }

    private byte[] read() {
      byte[] all = new byte[3 * bytes];
      backend().memory().read(gate, MemorySegment.ofArray(all), all.length);
      return all;
    }
  }
}
