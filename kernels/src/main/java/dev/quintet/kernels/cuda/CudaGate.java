package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.ComposedGate;
import dev.quintet.core.backend.GateCall;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Product;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;

/// Launches `gate.cu`; with the products before it, a kernel of `matmul_hopper.cu` where that is the faster way.
final class CudaGate implements ComposedGate {
  private final Cuda cuda;
  private final Backend backend;
  private final boolean always;
  private final Kernel forward;
  private final Kernel forwardHalf;
  private final Kernel backward;
  private final Kernel backwardHalf;

  /// @param backend that these are a part of
  CudaGate(Cuda cuda, Backend backend) {
    this(cuda, backend, false);
  }

  /// @param always whether products and gate are one kernel wherever it can take them, and not only where that is faster
  CudaGate(Cuda cuda, Backend backend, boolean always) {
    this.cuda = cuda;
    this.backend = backend;
    this.always = always;
    forward = cuda.kernel("gate", "gate_forward_f32");
    forwardHalf = cuda.kernel("gate", "gate_forward_bf16");
    backward = cuda.kernel("gate", "gate_backward_f32");
    backwardHalf = cuda.kernel("gate", "gate_backward_bf16");
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public void gatedProduct(
      GateCall call,
      Product product,
      long x,
      long gateWeight,
      long upWeight,
      long gate,
      long up,
      long y) {
    var gated = new GatedProduct(call, product, x, gateWeight, upWeight, gate, up, y);
    if (backend.matmul() instanceof CudaMatmul own && (always ? gated.fits() : own.takes(gated))) {
      own.multiply(gated);
    } else {
      ComposedGate.super.gatedProduct(call, product, x, gateWeight, upWeight, gate, up, y);
    }
  }

  @Override
  public void gated(GateCall call, long gate, long up, long y) {
    if (call.dropout().elements() > 0) {
      DType type = call.dropout().types().in();
      Kernel kernel = type == DType.BF16 ? forwardHalf : forward;
      CudaDropout.launch(cuda, kernel, call.dropout(), 3 * type.bytes())
          .address(gate)
          .address(up)
          .address(y)
          .i32(call.dropout().rows())
          .i64(call.dropout().width())
          .i32(call.activation().ordinal())
          .run();
    }
  }

  @Override
  public void gatedBackward(
      GateCall call, long gate, long up, long dy, Gradient dGate, Gradient dUp) {
    if (call.dropout().elements() > 0 && (dGate.wanted() || dUp.wanted())) {
      DType type = call.dropout().types().in();
      Kernel kernel = type == DType.BF16 ? backwardHalf : backward;
      int operands = 2 + (dGate.wanted() ? 1 : 0) + moved(dGate) + moved(dUp);
      CudaDropout.launch(cuda, kernel, call.dropout(), operands * type.bytes())
          .address(gate)
          .address(up)
          .address(dy)
          .address(dGate.address())
          .address(dUp.address())
          .i32(call.dropout().rows())
          .i64(call.dropout().width())
          .i32(call.activation().ordinal())
          .i32(dGate.add() ? 1 : 0)
          .i32(dUp.add() ? 1 : 0)
          .run();
    }
  }

  private static int moved(Gradient gradient) {
    return !gradient.wanted() ? 0 : gradient.add() ? 2 : 1;
  }
}
