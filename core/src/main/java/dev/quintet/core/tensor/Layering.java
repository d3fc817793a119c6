package dev.quintet.core.tensor;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.op.Attentions;
import dev.quintet.core.op.Dropouts;
import dev.quintet.core.op.Elementwise;
import dev.quintet.core.op.Losses;
import dev.quintet.core.op.Norms;
import dev.quintet.core.op.Products;
import java.util.List;
import java.util.Objects;

/// What the layers of a network compute of a [Tensor]: products, norms, gates, dropout, attention and cross entropy.
public sealed interface Layering permits Tensor {

  /// The matrix product: `[..., M, K]` by `[..., K, N]` gives `[..., M, N]`; leading axes broadcast.
  default Tensor matmul(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Products.matmul(self(), y, false);
  }

  /// The matrix product with a transposed second operand: `[..., M, K]` by `[..., N, K]`.
  default Tensor matmulTransposed(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Products.matmul(self(), y, true);
  }

  /// x Wᵀ for a weight `[N, K]`, as a linear layer does: `[..., K]` gives `[..., N]`.
  default Tensor linear(Tensor weight) {
    Objects.requireNonNull(weight, "weight");
    return Products.linear(self(), weight);
  }

  /// [#linear] with several weights of one shape, in one operation.
  default List<Tensor> linearEach(List<? extends Tensor> weights) {
    Objects.requireNonNull(weights, "weights");
    return Products.linearEach("linearEach", self(), List.copyOf(weights));
  }

  /// RMS norm over the last axis with a weight `[D]` (Zhang and Sennrich, arXiv 1910.07467).
  default Tensor rmsNorm(Tensor weight, float epsilon) {
    Objects.requireNonNull(weight, "weight");
    return Norms.rmsNorm(self(), weight, epsilon);
  }

  /// Layer norm over the last axis with a weight `[D]` and a bias `[D]` (Ba et al., arXiv 1607.06450).
  default Tensor layerNorm(Tensor weight, Tensor bias, float epsilon) {
    Objects.requireNonNull(weight, "weight");
    Objects.requireNonNull(bias, "bias");
    return Norms.layerNorm(self(), weight, bias, epsilon);
  }

  /// The residual sum around a sub-layer and the RMS norm with which the next one begins.
  ///
  /// @return this + dropout(branch), and its norm over the last axis with a weight `[D]`
  default List<Tensor> residualNorm(Tensor branch, DropoutMask mask, Tensor weight, float epsilon) {
    Objects.requireNonNull(branch, "branch");
    Objects.requireNonNull(mask, "mask");
    Objects.requireNonNull(weight, "weight");
    return Norms.residualNorm(self(), branch, mask, weight, epsilon);
  }

  /// f(self()) up, the gate of a gated feed-forward layer (Shazeer, arXiv 2002.05202).
  default Tensor gate(Unary activation, Tensor up) {
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(up, "up");
    return gate(activation, up, DropoutMask.NONE);
  }

  /// dropout(f(self()) up): what a gated feed-forward layer hands to its last product.
  default Tensor gate(Unary activation, Tensor up, DropoutMask mask) {
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(up, "up");
    Objects.requireNonNull(mask, "mask");
    return Elementwise.gate(activation, self(), up, mask);
  }

  /// dropout(f(x W₀ᵀ) x W₁ᵀ) for two weights `[N, K]` of one type, a gated feed-forward layer up to its last product:
  /// `[..., K]` gives `[..., N]`. The leading axis is the row.
  default Tensor gatedLinear(
      Unary activation, Tensor gateWeight, Tensor upWeight, DropoutMask mask) {
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(gateWeight, "gateWeight");
    Objects.requireNonNull(upWeight, "upWeight");
    Objects.requireNonNull(mask, "mask");
    return Products.gatedLinear(activation, self(), gateWeight, upWeight, mask);
  }

  /// dropout(max(x, 0)), of which the result alone is kept for a backward; the leading axis is the row.
  default Tensor relu(DropoutMask mask) {
    Objects.requireNonNull(mask, "mask");
    return Elementwise.relu(self(), mask);
  }

  /// Dropout; the leading axis is the row.
  default Tensor dropout(DropoutMask mask) {
    Objects.requireNonNull(mask, "mask");
    return Dropouts.dropout(self(), mask);
  }

  /// this + dropout(branch): the residual sum around a sub-layer; the leading axis is the row.
  default Tensor residual(Tensor branch, DropoutMask mask) {
    Objects.requireNonNull(branch, "branch");
    Objects.requireNonNull(mask, "mask");
    return Dropouts.residual(self(), branch, mask);
  }

  /// Attention of queries `[B, T, H, K]` over keys and values `[B, S, H, K]`; see [AttentionOptions].
  default Tensor attention(Tensor keys, Tensor values, AttentionOptions options) {
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(options, "options");
    return Attentions.attention(self(), keys, values, options);
  }

  /// The mean cross entropy of logits `[..., V]` with int32 labels `[...]`, of which -100 does not count. 0 if none
  /// counts.
  default Tensor crossEntropy(Tensor labels) {
    Objects.requireNonNull(labels, "labels");
    return Losses.crossEntropy(self(), labels, CrossEntropyOptions.MEAN);
  }

  /// The cross entropy of logits `[..., V]` with int32 labels `[...]`.
  default Tensor crossEntropy(Tensor labels, CrossEntropyOptions options) {
    Objects.requireNonNull(labels, "labels");
    Objects.requireNonNull(options, "options");
    return Losses.crossEntropy(self(), labels, options);
  }

  /// The cross entropy of logits x Wᵀ for a weight `[V, D]`, of x `[..., D]` with int32 labels `[...]`. The logits of
  /// all rows are never held.
  default Tensor linearCrossEntropy(Tensor weight, Tensor labels, CrossEntropyOptions options) {
    Objects.requireNonNull(weight, "weight");
    Objects.requireNonNull(labels, "labels");
    Objects.requireNonNull(options, "options");
    return Losses.linearCrossEntropy(self(), weight, labels, options);
  }

  private Tensor self() {
    return (Tensor) this;
  }
}
