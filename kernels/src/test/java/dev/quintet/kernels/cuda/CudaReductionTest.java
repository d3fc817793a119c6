package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.ReductionContract;
import dev.quintet.core.backend.ReductionKernels;
import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.kernels.testing.StandIn;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The contract, on the stand-in.
@Tag("emulator")
class CudaReductionTest extends ReductionContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  @Test
  void saysWhatItMoves() {
    var cuda = (CudaBackend) backend();
    ReductionKernels kernels = cuda.reduction();
    try (var o = new Operands(cuda)) {
      long x = o.zeros(100_000);
      long y = o.zeros(100_000);
      long indices = o.zeros(20_000);
      Set<String> launched =
          Traffic.check(
              cuda,
              () -> {
                for (Reduction op : Reduction.values()) {
                  kernels.reduce(op, 3, 1000, 1, x, y);
                  kernels.reduce(op, 2, 10_000, 1, x, y);
                  kernels.reduce(op, 2, 700, 17, x, y);
                  kernels.reduceInts(op, 2, 10_000, 1, x, y);
                }
                kernels.argMax(2, 10_000, x, y);
                kernels.cumulativeSum(2, 10_001, 1, true, x, y);
                kernels.cumulativeSum(2, 700, 17, false, x, y);
                kernels.topK(2, 10_000, 100, x, y, indices);
                kernels.topK(2, 2000, 1200, x, y, indices);
              });
      assertEquals(7, launched.size(), launched.toString());
    }
  }
}
