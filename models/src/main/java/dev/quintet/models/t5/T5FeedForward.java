package dev.quintet.models.t5;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Dropout;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/// T5's feed-forward layer: `wo(act(wi x))` in v1.0, `wo(act(wi_0 x) wi_1 x)` in v1.1 (Shazeer, arXiv 2002.05202).
public final class T5FeedForward extends Module implements Layer {
  private final FeedForwardKind kind;
  private final Child<Layer> gate;
  private final Child<Layer> up;
  private final Child<Layer> down;
  private final Child<Dropout> dropout;

  /// A feed-forward layer.
  ///
  /// @param config sizes and the kind
  /// @param source gives the weights
  T5FeedForward(T5Config config, ParameterSource source) {
    int width = config.modelWidth();
    int inner = config.innerWidth();
    kind = config.feedForward();
    gate = projection(kind.gated() ? "wi_0" : "wi", inner, width, source);
    up = kind.gated() ? projection("wi_1", inner, width, source) : gate;
    down = projection("wo", width, inner, source);
    dropout = child("dropout", new Dropout(config.dropout()));
  }

  private Child<Layer> projection(String name, int out, int in, ParameterSource source) {
    return child(name, Layer.class, new Linear(source.at(name).make("weight", Shape.of(out, in))));
  }

  /// The layer's result, `[B, T, D]` for `[B, T, D]`.
  @Override
  public Tensor apply(Tensor x, Pass pass) {
    return down.get().apply(kind.gated() ? gated(x, pass) : plain(x, pass), pass);
  }

  @Override
  public boolean perToken() {
    return gate.get().perToken() && up.get().perToken() && down.get().perToken();
  }

  /// Its part of a planned step.
  ///
  /// @param norm address of the weight of the norm before it
  DecoderCall.FeedForward call(PlainParts parts, T5Config config, long norm) {
    int width = config.modelWidth();
    int inner = config.innerWidth();
    StoredMatrix first = parts.projection(gate, inner, width);
    StoredMatrix second = kind.gated() ? parts.projection(up, inner, width) : first;
    StoredMatrix last = parts.projection(down, width, inner);
    return new DecoderCall.FeedForward(
        norm,
        kind.activation()
            .fused()
            .orElseGet(() -> {
              parts.refuse();
              return Unary.RELU;
            }),
        first,
        second,
        last);
  }

  private Tensor gated(Tensor x, Pass pass) {
    DropoutMask mask = dropout.get().mask(pass);
    Optional<Unary> fused = kind.activation().fused();
    if (fused.isPresent()) {
      return Linear.gated(fused.get(), gate.get(), up.get(), x, mask, pass);
    }
    List<Tensor> both = Linear.each(List.of(gate.get(), up.get()), x, pass);
    return kind.activation().gate(both.get(0), both.get(1), mask);
  }

  private Tensor plain(Tensor x, Pass pass) {
    return kind.activation().apply(gate.get().apply(x, pass), dropout.get().mask(pass));
  }
}
