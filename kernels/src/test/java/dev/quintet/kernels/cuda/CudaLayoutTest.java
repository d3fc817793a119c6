package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.LayoutContract;
import dev.quintet.core.backend.LayoutKernels;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.testing.StandIn;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The contract, on the stand-in.
@Tag("emulator")
class CudaLayoutTest extends LayoutContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  @Test
  void copiesJoinAxesAndTakeTheWidestElements() {
    // Heads apart and together, [2, 5, 3, 64] to [2, 3, 5, 64], of bfloat16: eight elements are
    // one.
    assertEquals(
        "[Axis[size=2, source=120, target=120], Axis[size=3, source=8, target=40],"
            + " Axis[size=5, source=24, target=8], Axis[size=8, source=1, target=1]] of 16 bytes",
        plan(
            new int[] {2, 3, 5, 64},
            new long[] {960, 64, 192, 1},
            new long[] {960, 320, 64, 1},
            2,
            4096));
    assertEquals(
        "[Axis[size=1920, source=1, target=1]] of 1 bytes",
        plan(
            new int[] {2, 3, 5, 64},
            new long[] {960, 320, 64, 1},
            new long[] {960, 320, 64, 1},
            1,
            4097));
  }

  /// Nine axes of two, of which no two join.
  @Test
  void copiesWithMoreAxesThanAKernelTakesAreSeveral() {
    int[] sizes = new int[9];
    long[] source = new long[9];
    long[] target = new long[9];
    Arrays.fill(sizes, 2);
    for (int i = 0; i < 9; i++) {
      source[i] = 1L << 2 * i;
      target[i] = 1L << 2 * (8 - i);
    }
    List<CopyPlan> plans = new ArrayList<>();
    CopyPlan.each(new StridedCopy(sizes, source, target), 4, 0, 0, plans::add);
    assertEquals(2, plans.size());
    assertTrue(plans.stream().allMatch(plan -> plan.axes().size() == CopyPlan.AXES));
    assertEquals(4L << 16, plans.get(1).target());
  }

  @Test
  void saysWhatItMoves() {
    var cuda = (CudaBackend) backend();
    LayoutKernels kernels = cuda.layout();
    try (var o = new Operands(cuda)) {
      long x = o.zeros(300_000);
      long y = o.zeros(300_000);
      long index = o.zeros(4 * 1000);
      int[] places = IntStream.range(0, 1000).map(i -> i * 7 % 1000).toArray();
      cuda.memory().write(MemorySegment.ofArray(places), index, 4000);
      Set<String> launched =
          Traffic.check(
              cuda,
              () -> {
                for (int bytes : new int[] {1, 2, 4}) {
                  kernels.copy(copy(150, 99, new long[] {1, 150}), bytes, x, y);
                  kernels.copy(copy(150, 99, new long[] {100, 1}), bytes, x, y);
                }
                kernels.copy(copy(1, 9984, new long[] {1, 1}), 2, x, y);
                kernels.copy(copy(1, 9984, new long[] {1, 1}), 2, x + 8, y);
                for (int shift : new int[] {0, 4}) {
                  kernels.fill(1, y + shift, 5001);
                  kernels.cast(DType.F32, DType.BF16, x + shift, y, 5001);
                  kernels.cast(DType.BF16, DType.F32, x + shift, y, 5001);
                  kernels.cast(DType.F32, DType.I32, x + shift, y, 5001);
                  kernels.cast(DType.I32, DType.F32, x + shift, y, 5001);
                  kernels.cast(DType.U8, DType.F32, x + shift, y, 5001);
                  kernels.cast(DType.U8, DType.I32, x + shift, y, 5001);
                  kernels.gather(Gather.rows(1000, 1000, 64, DType.F32), x + shift, index, y);
                }
                kernels.gather(Gather.rows(1000, 1000, 5, DType.BF16), x, index, y);
                kernels.gather(Gather.rows(1000, 1000, 6, DType.F32), x, index, y);
                kernels.gather(new Gather(1, 1000, 100, 10, false, true), x, index, y);
                kernels.scatterAdd(new Gather(1, 1000, 100, 10, false, true), x, index, y);
                kernels.scatterAdd(Gather.rows(1000, 30, 64, DType.BF16), x, index, y);
                kernels.scatterAdd(Gather.rows(1000, 1000, 64, DType.F32), x, index, y);
                kernels.scatterAdd(Gather.rows(1000, 1000, 65, DType.BF16), x, index, y);
              });
      assertEquals(28, launched.size(), launched.toString());
    }
  }

  private static String plan(int[] sizes, long[] source, long[] target, int bytes, long at) {
    List<String> plans = new ArrayList<>();
    CopyPlan.each(
        new StridedCopy(sizes, source, target),
        bytes,
        at,
        at,
        plan -> plans.add(plan.axes() + " of " + plan.bytes() + " bytes"));
    return String.join(", ", plans);
  }

  /// A copy to rows without gaps.
  private static StridedCopy copy(int rows, int columns, long[] source) {
    return new StridedCopy(new int[] {rows, columns}, source, new long[] {columns, 1});
  }
}
