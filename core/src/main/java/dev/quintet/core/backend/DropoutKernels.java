package dev.quintet.core.backend;

/// Dropout, which stores no mask: the backward draws it again.
public interface DropoutKernels {

  /// y = mask x scale, stored or added. `y` may be `x`. The backward is the same, of gradients.
  void dropout(DropoutCall call, long x, Gradient y);

  /// y = x + mask branch scale: the residual sum around a sub-layer. `y` may be `x`.
  default void residual(DropoutCall call, long x, long branch, long y) {
    if (y != x) {
      dropout(call.whole(Types.of(call.types().out())), x, new Gradient(y, false));
    }
    dropout(call, branch, new Gradient(y, true));
  }
}
