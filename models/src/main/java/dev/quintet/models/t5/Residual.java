package dev.quintet.models.t5;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Overlay;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.nn.RmsNorm;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The residual stream between two sub-layers. The last one's sum is still to be made, because it is one operation
/// with the norm that follows.
///
/// @param h `[B, T, D]`
/// @param branch what the last sub-layer adds, `[B, T, D]`; empty at the beginning
/// @param mask dropout of the branch
record Residual(Tensor h, Optional<Tensor> branch, DropoutMask mask) {
  /// A stream that begins with these states.
  static Residual of(Tensor states) {
    return new Residual(states, Optional.empty(), DropoutMask.NONE);
  }

  /// h + dropout(branch), and its norm.
  List<Tensor> normed(Layer layer, Pass pass) {
    Layer norm = Overlay.now(layer);
    if (branch.isEmpty()) {
      return List.of(h, norm.apply(h, pass));
    }
    if (norm instanceof RmsNorm plain) {
      return plain.residual(h, branch.get(), mask);
    }
    Tensor sum = h.residual(branch.get(), mask);
    return List.of(sum, norm.apply(sum, pass));
  }

  /// Goes on in a scope of its own, of which the new stream alone outlives; this one's memory goes.
  Residual then(UnaryOperator<Residual> step) {
    Scope around = Scope.current();
    Residual next;
    try (var inner = Scope.open()) {
      next = step.apply(this);
      inner.keep(next.h);
      next.branch.ifPresent(inner::keep);
    }
    around.release(h);
    branch.ifPresent(around::release);
    return next;
  }

  /// Goes on by a part that is computed anew in the backward; see [Op#checkpoint].
  ///
  /// @param reads what else the part reads and a gradient may reach
  Residual checkpoint(List<? extends Tensor> reads, UnaryOperator<Residual> part) {
    var inputs = new ArrayList<Tensor>(reads);
    inputs.add(h);
    branch.ifPresent(inputs::add);
    var last = new DropoutMask[1];
    List<Tensor> both =
        Op.checkpoint(
            inputs,
            () -> {
              Residual next = part.apply(this);
              last[0] = next.mask;
              return List.of(next.h, next.branch.orElseThrow());
            });
    return new Residual(both.get(0), Optional.of(both.get(1)), last[0]);
  }
}
