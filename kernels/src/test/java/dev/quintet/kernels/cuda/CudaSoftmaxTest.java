package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.SoftmaxContract;
import dev.quintet.kernels.testing.StandIn;
import java.util.TreeSet;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Softmax of the CUDA backend, on the stand-in.
@Tag("emulator")
class CudaSoftmaxTest {
  private static CudaBackend backend() {
    return (CudaBackend) StandIn.backend();
  }

  @Nested
  class ByWidth extends SoftmaxContract {
    @Override
    protected Backend backend() {
      return CudaSoftmaxTest.backend();
    }
  }

  @Nested
  class Plain extends SoftmaxContract {
    private static final Backend PLAIN =
        Rung.of(CudaSoftmaxTest.backend(), "softmax", (b, _) -> new CudaSoftmax(b.cuda(), true));

    @Override
    protected Backend backend() {
      return PLAIN;
    }
  }

  @Test
  void movesTheBytesThatItSays() {
    CudaSoftmax softmax = new CudaSoftmax(backend().cuda());
    var launched = new TreeSet<String>();
    for (int width : new int[] {33, 1024, 5000, 32_128, 40_000}) {
      int rows = width < 2000 ? 20 : 1;
      try (var operands = new Operands(backend())) {
        long x = operands.zeros(4L * rows * width);
        long y = operands.zeros(4L * rows * width);
        launched.addAll(
            Traffic.check(
                backend(),
                () -> {
                  softmax.softmax(rows, width, x, y);
                  softmax.logSoftmax(rows, width, x, x);
                  softmax.softmaxBackward(rows, width, y, x, y, false);
                  softmax.logSoftmaxBackward(rows, width, y, x, y, true);
                }));
      }
    }
    assertEquals(12, launched.size(), () -> "kernels: " + launched);
  }
}
