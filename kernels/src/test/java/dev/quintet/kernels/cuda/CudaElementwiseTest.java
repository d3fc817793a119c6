package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Broadcast;
import dev.quintet.core.backend.ElementwiseContract;
import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.shape.Shape;
import dev.quintet.kernels.testing.StandIn;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Element by element functions of the CUDA backend, on the stand-in.
@Tag("emulator")
class CudaElementwiseTest extends ElementwiseContract {
  private static final int COUNT = 6000;

  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  @Test
  void movesTheBytesThatItSays() {
    var backend = (CudaBackend) backend();
    var kernels = new CudaElementwise(backend.cuda());
    var launched = new TreeSet<String>();
    try (var operands = new Operands(backend)) {
      long x = operands.zeros(4 * COUNT);
      long y = operands.zeros(4 * COUNT);
      long z = operands.zeros(4 * COUNT);
      launched.addAll(
          Traffic.check(
              backend,
              () -> {
                kernels.unary(Unary.SILU, 0, x, y, COUNT);
                kernels.select(z, x, y, y, COUNT);
                kernels.addScaled(2, x, y, COUNT);
                for (boolean add : new boolean[] {false, true}) {
                  kernels.unaryBackward(Unary.SILU, 0, x, y, new Gradient(z, add), COUNT);
                  kernels.unaryBackward(Unary.NEGATE, 0, 0, y, new Gradient(z, add), COUNT);
                }
              }));
      for (int width : new int[] {2, 3, 4, 6, 15, 60, 6000}) {
        Shape whole = Shape.of(COUNT / width, width);
        for (Shape other : new Shape[] {whole, Shape.of(width), Shape.of(COUNT / width, 1)}) {
          var axes = Broadcast.of(whole, other);
          launched.addAll(
              Traffic.check(
                  backend,
                  () -> {
                    kernels.binary(Binary.ADD, axes, x, y, z);
                    kernels.binaryInts(Binary.ADD, axes, x, y, z);
                    kernels.compare(Comparison.LESS, false, axes, x, y, z);
                    kernels.compare(Comparison.LESS, true, axes, x, y, z);
                  }));
        }
      }
    }
    assertEquals(8, launched.size(), () -> "kernels: " + launched);
  }

  @Test
  void refusesQuotientsAndPowersOfIntegers() {
    var axes = Broadcast.of(Shape.of(4), Shape.of(4));
    for (Binary op : new Binary[] {Binary.DIVIDE, Binary.POWER}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> backend().elementwise().binaryInts(op, axes, 0, 0, 0));
    }
  }
}
