package dev.quintet.core.backend;

/// Attention: softmax(scale Q Kᵀ + bias, masked) V, with dropout on the probabilities.
public interface AttentionKernels {

  /// Computes attention and each row's log-sum-exp.
  ///
  /// @param call sizes, bias, masks, dropout and type
  void attention(AttentionCall call, Inputs in, Results to);

  /// Gradients of [#attention].
  ///
  /// @param results what the forward computed
  /// @param dOut address of the gradient of its outputs
  void attentionBackward(
      AttentionCall call, Inputs in, Results results, long dOut, Gradients gradients);

  /// Addresses of what attention reads.
  ///
  /// @param q [B, T, H, K]
  /// @param k keys [B, S, H, K], rows as far apart as the call says
  /// @param v values, laid out as the keys
  record Inputs(long q, long k, long v) {}

  /// Addresses of what attention computes.
  ///
  /// @param out [B, T, H, K]
  /// @param logSumExp float32 [B, H, T], or row after row [H, T] of each row's own T where the call has starts of rows
  record Results(long out, long logSumExp) {}

  /// Where attention's gradients are put.
  ///
  /// @param q laid out as the queries
  /// @param k [B, S, H, K], contiguous
  /// @param v likewise
  /// @param bias float32, laid out as the bias of the call
  record Gradients(Gradient q, Gradient k, Gradient v, Gradient bias) {}
}
