package dev.quintet.core.backend;

/// Attention: softmax(scale Q Kᵀ + bias, masked) V, with dropout on the probabilities.
public interface AttentionKernels {

  /// Computes attention and each row's log-sum-exp.
  ///
  /// @param call sizes, bias, masks and dropout
  /// @param q address of [B, T, H, K]
  /// @param k address of keys; see [AttentionCall]
  /// @param v address of values, laid out as keys
  /// @param out address of [B, T, H, K]
  /// @param logSumExp address of [B, H, T], kept for the backward
  void attention(AttentionCall call, long q, long k, long v, long out, long logSumExp);

  /// Gradients of [#attention].
  ///
  /// @param dq address of q's gradient, overwritten
  /// @param dk address of k's gradient [B, S, H, K], contiguous, overwritten
  /// @param dv address of v's gradient, likewise
  /// @param dBias address of the bias's gradient, laid out as the bias of the call, which is **added to**;
  ///     0 leaves it out
  void attentionBackward(
      AttentionCall call,
      long q,
      long k,
      long v,
      long out,
      long logSumExp,
      long dOut,
      long dq,
      long dk,
      long dv,
      long dBias);
}
