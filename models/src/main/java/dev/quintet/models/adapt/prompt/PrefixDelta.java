package dev.quintet.models.adapt.prompt;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AttentionDelta;
import dev.quintet.models.t5.AttentionLayer;
import dev.quintet.models.t5.KeysAndValues;
import java.util.List;
import java.util.function.UnaryOperator;

/// Keys and values of virtual tokens before those of a decoder's self-attention.
final class PrefixDelta extends AttentionDelta {
  private final Child<VirtualTokens> tokens;
  private final int keys;
  private final int values;
  private final int width;

  /// @param tokens `[N, blocks of H K]`, those of all layers
  /// @param keys the block that holds the keys
  /// @param values the block that holds the values
  /// @param width H K
  PrefixDelta(VirtualTokens tokens, int keys, int values, int width) {
    this.tokens = child("prompt_encoder", tokens);
    this.keys = keys;
    this.values = values;
    this.width = width;
  }

  @Override
  public Tensor attendSelf(
      AttentionLayer base,
      Tensor x,
      UnaryOperator<KeysAndValues> remember,
      AttentionOptions options,
      Pass pass) {
    Tensor firstKeys = block(keys, pass);
    Tensor firstValues = block(values, pass);
    return base.attendSelf(
        x,
        own -> {
          KeysAndValues known = remember.apply(own);
          return new KeysAndValues(
              before(firstKeys, known.keys()), before(firstValues, known.values()));
        },
        options.behind(firstKeys.shape().dim(0)),
        pass);
  }

  @Override
  public Tensor after(Tensor x, Tensor y, Pass pass) {
    throw new IllegalStateException(
        path() + ": rows with a prefix need a batch of their own, without rows of other adapters");
  }

  private Tensor block(int place, Pass pass) {
    return tokens.get().columns(place * width, (place + 1) * width, pass);
  }

  private static Tensor before(Tensor prefix, Tensor known) {
    Shape shape = known.shape();
    int count = prefix.shape().dim(0);
    Tensor rows = prefix.cast(known.type()).reshape(1, count, shape.dim(2), shape.dim(3));
    return Tensor.concat(1, List.of(rows.broadcastTo(shape.withDim(1, count)), known));
  }
}
