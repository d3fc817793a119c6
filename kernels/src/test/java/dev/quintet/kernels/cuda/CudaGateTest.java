package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.GateCall;
import dev.quintet.core.backend.GateContract;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.testing.StandIn;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The gate of the CUDA backend, on the stand-in.
@Tag("emulator")
class CudaGateTest extends GateContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  @Test
  void movesTheBytesThatItSays() {
    var backend = (CudaBackend) backend();
    var gate = new CudaGate(backend.cuda(), backend);
    var launched = new TreeSet<String>();
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      for (int width : new int[] {100, 2048}) {
        try (var operands = new Operands(backend)) {
          long bytes = 4L * 10 * width;
          long g = operands.zeros(bytes);
          long up = operands.zeros(bytes);
          long dy = operands.zeros(bytes);
          var stored = new Gradient(operands.zeros(bytes), false);
          var added = new Gradient(operands.zeros(bytes), true);
          var mask = new DropoutMask(0.1f, 1, 2, 3, 4);
          var call =
              new GateCall(Unary.GELU_TANH, new DropoutCall(mask, 10, width, Types.of(type)));
          launched.addAll(
              Traffic.check(
                  backend,
                  () -> {
                    gate.gated(call, g, up, stored.address());
                    gate.gatedBackward(call, g, up, dy, stored, added);
                    gate.gatedBackward(call, g, up, dy, added, Gradient.NONE);
                    gate.gatedBackward(call, g, up, dy, Gradient.NONE, new Gradient(dy, false));
                  }));
        }
      }
    }
    assertEquals(4, launched.size(), () -> "kernels: " + launched);
  }
}
