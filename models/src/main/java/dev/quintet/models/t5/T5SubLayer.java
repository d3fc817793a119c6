package dev.quintet.models.t5;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Dropout;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.nn.RmsNorm;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.function.UnaryOperator;

/// The frame of every part of a block: h + dropout(body(norm(h))).
///
/// @param <M> the module whose result is added
public final class T5SubLayer<M extends Module> extends Module {
  private final Child<RmsNorm> norm;
  private final Child<M> body;
  private final Child<Dropout> dropout;

  /// A frame.
  ///
  /// @param config sizes
  /// @param bodyName what Hugging Face calls the body
  /// @param body the module whose result is added
  /// @param source gives the norm's weight
  T5SubLayer(T5Config config, String bodyName, M body, ParameterSource source) {
    String normName = "layer_norm";
    this.body = child(bodyName, body);
    this.norm =
        child(
            normName,
            new RmsNorm(
                source.at(normName).make("weight", Shape.of(config.modelWidth())),
                config.epsilon()));
    this.dropout = child("dropout", new Dropout(config.dropout()));
  }

  /// The module whose result is added.
  public M body() {
    return body.get();
  }

  /// h + dropout(f(norm(h))), of which only what a backward needs outlives the call.
  ///
  /// @param h `[B, T, D]`
  /// @param f applies the body
  /// @param pass whether this is training
  Tensor around(Tensor h, UnaryOperator<Tensor> f, Pass pass) {
    return Scope.local(() -> dropout.get().residual(h, f.apply(norm.get().apply(h, pass)), pass));
  }
}
