package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutContract;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.testing.StandIn;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Dropout of the CUDA backend, on the stand-in.
@Tag("emulator")
class CudaDropoutTest extends DropoutContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  @Test
  void movesTheBytesThatItSays() {
    var backend = (CudaBackend) backend();
    var dropout = new CudaDropout(backend.cuda());
    var launched = new TreeSet<String>();
    for (int width : new int[] {64, 100, 4096}) {
      try (var operands = new Operands(backend)) {
        long count = 30L * width;
        long x = operands.zeros(4 * count);
        long y = operands.zeros(4 * count);
        long z = operands.zeros(4 * count);
        long state = operands.zeros(RunState.BYTES);
        long places = operands.zeros(30 * 8);
        DropoutMask[] masks = {
          DropoutMask.NONE,
          new DropoutMask(0.1f, 1, 2, 3, 4),
          new DropoutMask(0.1f, 1, 2, 3, 4, state, places)
        };
        for (DropoutMask mask : masks) {
          for (DType in : new DType[] {DType.F32, DType.BF16}) {
            for (DType out : new DType[] {DType.F32, DType.BF16}) {
              var call = new DropoutCall(mask, 30, width, new Types(in, in, out));
              launched.addAll(
                  Traffic.check(
                      backend,
                      () -> {
                        dropout.dropout(call, x, new Gradient(y, false));
                        dropout.dropout(call, x, new Gradient(y, true));
                        dropout.residual(call, z, x, y);
                      }));
            }
          }
        }
      }
    }
    assertEquals(4, launched.size(), () -> "kernels: " + launched);
  }
}
