package dev.quintet.kernels.cuda;

import static dev.quintet.core.shape.DType.BF16;
import static dev.quintet.core.shape.DType.F32;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.NormContract;
import dev.quintet.core.backend.NormRows;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Types;
import dev.quintet.kernels.testing.StandIn;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Norms of the CUDA backend, on the stand-in.
@Tag("emulator")
class CudaNormTest {
  /// What a step of T5 does, and layer norm, by warps and by blocks; alone and added to.
  @Test
  void movesTheBytesThatItSays() {
    var backend = (CudaBackend) StandIn.backend();
    var launched = new TreeSet<String>();
    for (boolean plain : new boolean[] {false, true}) {
      var norm = new CudaNorm(backend.cuda(), backend, plain);
      for (Types types : TYPES) {
        for (int width : new int[] {192, 1088}) {
          for (boolean centred : new boolean[] {false, true}) {
            launched.addAll(
                Traffic.check(backend, () -> run(backend, norm, types, width, centred)));
          }
        }
      }
    }
    assertEquals(17, launched.size(), () -> "kernels: " + launched);
  }

  private static final List<Types> TYPES =
      List.of(Types.F32, new Types(F32, F32, BF16), Types.of(BF16), new Types(BF16, F32, F32));

  private static void run(
      CudaBackend backend, CudaNorm norm, Types types, int width, boolean centred) {
    int rows = 20;
    long count = (long) rows * width;
    Memory memory = backend.memory();
    long bytes = 4 * (8 * count + 8L * width + 4 * rows) + RunState.BYTES + 8 * rows;
    long base = memory.allocate(bytes);
    memory.zero(base, bytes);
    long operand = 4 * count;
    long small = base + 8 * operand;
    long statistics = small + 32L * width;
    long state = statistics + 16L * rows;
    var at =
        centred
            ? new NormRows(base, small, small + 4L * width, statistics, statistics + 4 * rows)
            : new NormRows(base, small, statistics);
    var call = new NormCall(rows, width, 1e-6f, types);
    var mask = new DropoutMask(0.1f, 0, 0, 3, 4, state, state + RunState.BYTES);
    var dropout =
        new DropoutCall(mask, rows, width, new Types(types.out(), types.out(), types.in()));
    long x = base + operand;
    long branch = base + 2 * operand;
    long y = base + 3 * operand;
    var dx = new Gradient(base + 4 * operand, false);
    var dBranch = new Gradient(base + 5 * operand, centred);
    var dWeight = new Gradient(small + 8L * width, centred);
    norm.norm(call, at, y);
    norm.residualNorm(call, dropout, x, branch, at, y);
    norm.normBackward(
        call,
        at,
        y,
        dx,
        dWeight,
        centred ? new Gradient(small + 12L * width, false) : Gradient.NONE);
    norm.normBackward(call, at, y, Gradient.NONE, dWeight, Gradient.NONE);
    norm.residualNormBackward(
        call, dropout, at, y, new Gradient(dx.address(), true), dBranch, dWeight);
    memory.release(base, bytes);
  }

  /// Rows of warps and of blocks, and the plain kernels.
  @Test
  void givesTheSameBitsWhateverTheOrderOfThreads() {
    var backend = (CudaBackend) StandIn.backend();
    for (boolean plain : new boolean[] {false, true}) {
      var norm = new CudaNorm(backend.cuda(), backend, plain);
      for (Types types : TYPES) {
        for (int width : new int[] {320, 1088}) {
          String what = types + ", width " + width + (plain ? ", plain" : "");
          Schedules.same(what, () -> results(backend, norm, types, width));
        }
      }
    }
  }

  /// What a residual norm and its backward leave in memory.
  private static byte[] results(CudaBackend backend, CudaNorm norm, Types types, int width) {
    int rows = 19;
    int count = rows * width;
    Memory memory = backend.memory();
    long operand = 4L * count;
    long bytes = 7 * operand + 8L * width + 4 * rows;
    long base = memory.allocate(bytes);
    memory.zero(base, bytes);
    var random = new Random(3);
    var values = new short[2 * 7 * count + 4 * width];
    for (int i = 0; i < values.length; i++) { // as bfloat16, and as the upper halves of float32
      values[i] = (short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16);
    }
    memory.write(MemorySegment.ofArray(values), base, 2L * values.length);
    var call = new NormCall(rows, width, 1e-6f, types);
    var dropout =
        new DropoutCall(
            new DropoutMask(0.3f, 1, 2, 3, 4),
            rows,
            width,
            new Types(types.out(), types.out(), types.in()));
    long small = base + 7 * operand;
    var at = new NormRows(base, small, small + 8L * width);
    norm.residualNorm(call, dropout, base + operand, base + 2 * operand, at, base + 3 * operand);
    norm.residualNormBackward(
        call,
        dropout,
        at,
        base + 4 * operand,
        new Gradient(base + 5 * operand, true),
        new Gradient(base + 6 * operand, false),
        new Gradient(small + 4L * width, true));
    var all = new byte[(int) bytes];
    memory.read(base, MemorySegment.ofArray(all), bytes);
    memory.release(base, bytes);
    return all;
  }

  @Nested
  class AtAnyAddress extends NormContract {
    @Override
    protected Backend backend() {
      return StandIn.backend();
    }
  }

  /// Widths and addresses that the kernels which hold rows in registers take, by warps and by blocks.
  @Nested
  class ByWideAccess extends NormContract {
    @Override
    protected Backend backend() {
      return StandIn.backend();
    }

    @Override
    protected boolean aligned() {
      return true;
    }

    @Override
    protected int[] widths() {
      return new int[] {8, 16, 64, 128, 192, 256, 264, 512, 576, 768, 1024, 1032, 1088, 2048};
    }
  }

  @Nested
  class Plain extends NormContract {
    @Override
    protected Backend backend() {
      return Rung.of(
          (CudaBackend) StandIn.backend(),
          "norm",
          (device, backend) -> new CudaNorm(device.cuda(), backend, true));
    }
  }
}
