package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Unary;

/// The gate, composed of element by element functions of the same backend.
public interface ComposedGate extends GateKernels {

  /// The backend whose kernels these are composed of.
  Backend backend();

  @Override
  default void gated(Unary activation, long gate, long up, long y, long count) {
    backend().elementwise().unary(activation, 0, gate, y, count);
    backend().elementwise().binary(Binary.MULTIPLY, Borrowed.straight(count), y, up, y);
  }

  @Override
  default void gatedBackward(
      Unary activation,
      long gate,
      long up,
      long dy,
      long dGate,
      boolean addDGate,
      long dUp,
      boolean addDUp,
      long count) {
    ElementwiseKernels elementwise = backend().elementwise();
    Broadcast straight = Borrowed.straight(count);
    try (Borrowed borrowed = new Borrowed(backend())) {
      long activated = borrowed.floats(count);
      long product = borrowed.floats(count);
      elementwise.unary(activation, 0, gate, activated, count);
      if (dGate != 0) {
        elementwise.binary(Binary.MULTIPLY, straight, dy, up, product);
        elementwise.unaryBackward(
            activation, 0, gate, product, new Gradient(dGate, addDGate), count);
      }
      if (dUp != 0) { // last, since it may replace dy
        elementwise.binary(Binary.MULTIPLY, straight, dy, activated, addDUp ? product : dUp);
        if (addDUp) {
          elementwise.addScaled(1, product, dUp, count);
        }
      }
    }
  }
}
