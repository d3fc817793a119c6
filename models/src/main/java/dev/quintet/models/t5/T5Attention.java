package dev.quintet.models.t5;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Dropout;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.Tensor;
import java.util.Optional;

/// T5's attention: four projections without biases, dot products without scaling, a bias by relative position.
public final class T5Attention extends Module {
  private final Child<Layer> q;
  private final Child<Layer> k;
  private final Child<Layer> v;
  private final Child<Layer> o;
  private final Child<Dropout> dropout;
  private final Optional<Child<RelativePositionBias>> bias;
  private final int heads;
  private final int headWidth;

  /// An attention.
  ///
  /// @param config sizes
  /// @param biased whether it owns a table of relative biases
  /// @param bidirectional whether that table tells keys after the query from those before it
  /// @param source gives the weights
  T5Attention(T5Config config, boolean biased, boolean bidirectional, ParameterSource source) {
    int width = config.modelWidth();
    int inner = config.attentionWidth();
    heads = config.heads();
    headWidth = config.headWidth();
    q = projection("q", inner, width, source);
    k = projection("k", inner, width, source);
    v = projection("v", inner, width, source);
    o = projection("o", width, inner, source);
    String biasName = "relative_attention_bias";
    bias =
        biased
            ? Optional.of(
                child(
                    biasName, new RelativePositionBias(config, bidirectional, source.at(biasName))))
            : Optional.empty();
    dropout = child("dropout", new Dropout(config.dropout()));
  }

  private Child<Layer> projection(String name, int out, int in, ParameterSource source) {
    return child(name, Layer.class, new Linear(source.at(name).make("weight", Shape.of(out, in))));
  }

  /// The table of relative biases that this attention owns, if any.
  public Optional<RelativePositionBias> relativeBias() {
    return bias.map(Child::get);
  }

  /// The keys of states `[B, S, D]`: `[B, S, H, K]`.
  public Tensor keys(Tensor states, Pass pass) {
    return split(k.get().apply(states, pass));
  }

  /// The values of states `[B, S, D]`: `[B, S, H, K]`.
  public Tensor values(Tensor states, Pass pass) {
    return split(v.get().apply(states, pass));
  }

  /// Attends from `x` to given keys and values.
  ///
  /// @param x `[B, T, D]`
  /// @param keys `[B, S, H, K]`; or `[B / n, S, H, K]` without causality and relative bias, which every n rows of
  ///     `x` in turn then share, as the beams of one input do
  /// @param values likewise
  /// @param options bias and masks
  /// @param pass whether this is training
  /// @return `[B, T, D]`
  public Tensor attend(Tensor x, Tensor keys, Tensor values, AttentionOptions options, Pass pass) {
    int batch = x.shape().dim(0);
    int length = x.shape().dim(1);
    // Rows that share keys lie one behind the other, like the queries of one row.
    Tensor queries = q.get().apply(x, pass).reshape(keys.shape().dim(0), -1, heads, headWidth);
    Tensor mixed = queries.attention(keys, values, options.withDropout(dropout.get().mask(pass)));
    return o.get().apply(mixed.reshape(batch, length, heads * headWidth), pass);
  }

  private Tensor split(Tensor projected) {
    Shape shape = projected.shape();
    return projected.reshape(shape.dim(0), shape.dim(1), heads, headWidth);
  }
}
