package dev.quintet.models.t5;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Dropout;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.nn.RmsNorm;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The frame of every part of a block: h + dropout(body(norm(h))).
///
/// @param <M> what the module is whose result is added
public final class T5SubLayer<M> extends Module {
  private final Child<Layer> norm;
  private final Child<M> body;
  private final Child<Dropout> dropout;

  /// A frame.
  ///
  /// @param config sizes
  /// @param bodyName what Hugging Face calls the body
  /// @param kind what whoever replaces the body must be
  /// @param body the module whose result is added
  /// @param source gives the norm's weight
  T5SubLayer(T5Config config, String bodyName, Class<M> kind, Module body, ParameterSource source) {
    String normName = "layer_norm";
    this.body = child(bodyName, kind, body);
    this.norm =
        child(
            normName,
            Layer.class,
            new RmsNorm(
                source.at(normName).make("weight", Shape.of(config.modelWidth())),
                config.epsilon()));
    this.dropout = child("dropout", new Dropout(config.dropout()));
  }

  /// The module whose result is added.
  public M body() {
    return body.get();
  }

  /// Whether its norm makes each token of that token alone.
  boolean normsPerToken() {
    return norm.get().perToken();
  }

  /// The place of the module whose result is added.
  Child<M> place() {
    return body;
  }

  /// The place of the norm.
  Child<Layer> norm() {
    return norm;
  }

  /// h + dropout(f(norm(h))), of which only what a backward needs outlives the call.
  ///
  /// @param f applies the body, `[B, T, D]`
  /// @param pass whether this is training
  Residual around(Residual stream, UnaryOperator<Tensor> f, Pass pass) {
    return stream.then(before -> {
      List<Tensor> both = before.normed(norm.get(), pass);
      Tensor branch = f.apply(both.get(1));
      return new Residual(both.get(0), Optional.of(branch), dropout.get().mask(pass));
    });
  }
}
