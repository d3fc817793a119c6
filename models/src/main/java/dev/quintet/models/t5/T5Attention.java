package dev.quintet.models.t5;

import dev.quintet.core.backend.DecoderCall;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// T5's attention: four projections without biases, dot products without scaling, a bias by relative position.
public final class T5Attention extends Module implements AttentionLayer {
  private final Child<Layer> q;
  private final Child<Layer> k;
  private final Child<Layer> v;
  private final Child<Layer> o;
  private final Child<Dropout> dropout;
  private final Optional<Child<RelativePositionBias>> bias;
  private final int heads;
  private final int headWidth;
  private final int modelWidth;

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
    modelWidth = width;
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

  @Override
  public boolean packs() {
    return Stream.of(q, k, v, o).allMatch(each -> each.get().perToken());
  }

  private Child<Layer> projection(String name, int out, int in, ParameterSource source) {
    return child(name, Layer.class, new Linear(source.at(name).make("weight", Shape.of(out, in))));
  }

  @Override
  public Optional<RelativePositionBias> relativeBias() {
    return bias.map(Child::get);
  }

  @Override
  public KeysAndValues keysAndValues(Tensor states, Pass pass) {
    return memories(List.of(this), states, pass).getFirst();
  }

  /// The keys and values of one memory `[B, S, D]` for several attentions, those of plain ones computed together.
  static List<KeysAndValues> memories(
      List<? extends AttentionLayer> all, Tensor memory, Pass pass) {
    var projections = new ArrayList<Layer>();
    for (AttentionLayer each : all) {
      if (!(each instanceof T5Attention plain)) {
        return all.stream().map(one -> one.keysAndValues(memory, pass)).toList();
      }
      projections.add(plain.k.get());
      projections.add(plain.v.get());
    }
    List<Tensor> made = Linear.each(projections, memory, pass);
    var pairs = new ArrayList<KeysAndValues>();
    for (AttentionLayer each : all) {
      var plain = (T5Attention) each;
      int at = 2 * pairs.size();
      pairs.add(new KeysAndValues(plain.split(made.get(at)), plain.split(made.get(at + 1))));
    }
    return pairs;
  }

  @Override
  public Tensor attend(Tensor x, KeysAndValues memory, AttentionOptions options, Pass pass) {
    return mixed(x, q.get().apply(x, pass), memory, options, pass);
  }

  @Override
  public Tensor attendSelf(
      Tensor x, UnaryOperator<KeysAndValues> remember, AttentionOptions options, Pass pass) {
    List<Tensor> made = Linear.each(List.of(k.get(), v.get(), q.get()), x, pass);
    var own = new KeysAndValues(split(made.get(0)), split(made.get(1)));
    return mixed(x, made.get(2), remember.apply(own), options, pass);
  }

  /// Its part of a planned step, as a decoder's attention to its own tokens.
  ///
  /// @param norm address of the weight of the norm before it
  /// @param cached the keys and values of the tokens so far
  /// @param bias the table of biases, its own or another one's
  DecoderCall.Own own(PlainParts parts, long norm, KeysAndValues cached, Tensor bias) {
    int inner = heads * headWidth;
    return new DecoderCall.Own(
        norm,
        parts.projection(q, inner, modelWidth),
        parts.projection(k, inner, modelWidth),
        parts.projection(v, inner, modelWidth),
        parts.projection(o, modelWidth, inner),
        parts.cached(cached.keys()),
        parts.cached(cached.values()),
        parts.floats(bias),
        bias.shape().dim(1) / 2);
  }

  /// Its part of a planned step, as an attention to the encoder's states.
  DecoderCall.Cross cross(PlainParts parts, long norm, KeysAndValues memory) {
    int inner = heads * headWidth;
    return new DecoderCall.Cross(
        norm,
        parts.projection(q, inner, modelWidth),
        parts.projection(o, modelWidth, inner),
        parts.cached(memory.keys()),
        parts.cached(memory.values()));
  }

  private Tensor mixed(
      Tensor x, Tensor queries, KeysAndValues memory, AttentionOptions options, Pass pass) {
    // Rows that share keys lie one behind the other, like the queries of one row.
    Tensor grouped =
        x.shape().rank() == 2
            ? split(queries)
            : queries.reshape(memory.keys().shape().dim(0), -1, heads, headWidth);
    Tensor mixed =
        grouped.attention(
            memory.keys(), memory.values(), options.withDropout(dropout.get().mask(pass)));
    int width = heads * headWidth;
    Tensor joined =
        x.shape().rank() == 2
            ? mixed.reshape(-1, width)
            : mixed.reshape(x.shape().dim(0), x.shape().dim(1), width);
    return o.get().apply(joined, pass);
  }

  private Tensor split(Tensor projected) {
    Shape shape = projected.shape();
    return shape.rank() == 2
        ? projected.reshape(shape.dim(0), heads, headWidth)
        : projected.reshape(shape.dim(0), shape.dim(1), heads, headWidth);
  }
}
