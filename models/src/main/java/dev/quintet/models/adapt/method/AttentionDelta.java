package dev.quintet.models.adapt.method;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.AttentionLayer;
import dev.quintet.models.t5.KeysAndValues;
import java.util.function.UnaryOperator;

/// What an adapter does with an attention as a whole.
public abstract non-sealed class AttentionDelta extends Delta {

  /// A delta.
  protected AttentionDelta() {}

  /// What becomes of the attention's result, of which rows of several adapters can share the making.
  ///
  /// @param x what attends, `[B, T, D]`
  /// @param y the result, `[B, T, D]`
  /// @param pass whether this is training
  public Tensor after(Tensor x, Tensor y, Pass pass) {
    return y;
  }

  /// Whether an attention with it [takes tokens without padding][AttentionLayer#packs], where the attention alone does.
  public boolean packs() {
    return false;
  }

  /// A self-attention with this adapter; a method that changes more than [#after] does says that it
  /// [lengthens][AdapterMethod#lengthens], so that all rows are its own.
  ///
  /// @param base the attention without it
  /// @param x `[B, T, D]`
  /// @param remember takes x's own keys and values and gives those to attend to
  /// @param options bias and masks
  /// @param pass whether this is training
  /// @return `[B, T, D]`
  public Tensor attendSelf(
      AttentionLayer base,
      Tensor x,
      UnaryOperator<KeysAndValues> remember,
      AttentionOptions options,
      Pass pass) {
    return after(x, base.attendSelf(x, remember, options, pass), pass);
  }
}
