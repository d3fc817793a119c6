package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.shape.DType;

/// The gate, composed of element by element functions and the dropout of the same backend; or of its own float32 gate that
/// drops nothing. With the products before it, it is theirs and the gate behind them.
public interface ComposedGate extends GateKernels {

  /// The backend whose kernels these are composed of.
  Backend backend();

  @Override
  default void gated(GateCall call, long gate, long up, long y) {
    DropoutCall dropout = call.dropout();
    DType type = dropout.types().in();
    long count = dropout.elements();
    try (var widened = new Widened(backend())) {
      long out = widened.write(type, y, count);
      floats(
          call.activation(),
          widened.read(type, gate, count),
          widened.read(type, up, count),
          out,
          count);
      if (dropout.mask().active()) {
        backend().dropout().dropout(dropout.of(Types.F32), out, new Gradient(out, false));
      }
    }
  }

  @Override
  default void gatedProduct(
      GateCall call,
      Product product,
      long x,
      long gateWeight,
      long upWeight,
      long gate,
      long up,
      long y) {
    try (var borrowed = new Borrowed(backend())) {
      long bytes = call.dropout().types().in().bytes(call.dropout().elements());
      long first = gate == 0 ? borrowed.bytes(bytes) : gate;
      long second = gate == 0 ? borrowed.bytes(bytes) : up;
      long[] weights = {gateWeight, upWeight};
      backend().matmul().multiplyEach(product, x, weights, new long[] {first, second});
      gated(call, first, second, y);
    }
  }

  @Override
  default void gatedBackward(
      GateCall call, long gate, long up, long dy, Gradient dGate, Gradient dUp) {
    DropoutCall dropout = call.dropout();
    DType type = dropout.types().in();
    long count = dropout.elements();
    try (var borrowed = new Borrowed(backend());
        var widened = new Widened(backend())) {
      long d = widened.read(type, dy, count);
      if (dropout.mask().active()) {
        long kept = borrowed.floats(count);
        backend().dropout().dropout(dropout.of(Types.F32), d, new Gradient(kept, false));
        d = kept;
      }
      floatsBackward(
          call.activation(),
          widened.read(type, gate, count),
          widened.read(type, up, count),
          d,
          widened.write(type, dGate, count),
          widened.write(type, dUp, count),
          count);
    }
  }

  /// [#gated] of float32, without dropout.
  default void floats(Unary activation, long gate, long up, long y, long count) {
    backend().elementwise().unary(activation, 0, gate, y, count);
    backend().elementwise().binary(Binary.MULTIPLY, Borrowed.straight(count), y, up, y);
  }

  /// [#gatedBackward] of float32, without dropout.
  default void floatsBackward(
      Unary activation, long gate, long up, long dy, Gradient dGate, Gradient dUp, long count) {
    ElementwiseKernels elementwise = backend().elementwise();
    try (Borrowed borrowed = new Borrowed(backend())) {
      long factor = borrowed.floats(count);
      if (dGate.wanted()) {
        elementwise.unaryBackward(activation, 0, gate, dy, new Gradient(factor, false), count);
        multiply(factor, up, dGate, count);
      }
      if (dUp.wanted()) { // last, since it may replace dy
        elementwise.unary(activation, 0, gate, factor, count);
        multiply(factor, dy, dUp, count);
      }
    }
  }

  /// Puts x y, or adds it by way of x.
  private void multiply(long x, long y, Gradient to, long count) {
    ElementwiseKernels elementwise = backend().elementwise();
    long product = to.add() ? x : to.address();
    elementwise.binary(Binary.MULTIPLY, Borrowed.straight(count), x, y, product);
    if (to.add()) {
      elementwise.addScaled(1, product, to.address(), count);
    }
  }
}
