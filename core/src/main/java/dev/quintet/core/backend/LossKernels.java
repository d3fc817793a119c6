package dev.quintet.core.backend;

/// Cross entropy of logits with labels.
public interface LossKernels {

  /// `losses[r]` = (1 - smoothing) nll + smoothing mean over the vocabulary of -log p, and 0 where the label is ignored.
  ///
  /// @param rows rows
  /// @param width V, the vocabulary
  /// @param ignore the label that does not count, -100 by custom
  /// @param smoothing label smoothing, from 0 to below 1
  /// @param logits address of `[rows, V]`
  /// @param labels address of int32 `[rows]`
  /// @param losses address of `[rows]`
  /// @param logSumExp address of `[rows]`, kept for the backward
  /// @throws IndexOutOfBoundsException if a label is neither below `width` nor `ignore`; on a device
  ///     that cannot throw, the next read or synchronisation does
  void crossEntropy(
      long rows,
      int width,
      int ignore,
      float smoothing,
      long logits,
      long labels,
      long losses,
      long logSumExp);

  /// dLogits = `dLosses[r]` (softmax - target), 0 where the label is ignored. `dLogits` may be
  /// `logits` when not accumulating.
  ///
  /// @param dLosses address of `[rows]`: the gradient of each row's loss
  void crossEntropyBackward(
      long rows,
      int width,
      int ignore,
      float smoothing,
      long logits,
      long labels,
      long logSumExp,
      long dLosses,
      long dLogits,
      boolean accumulate);
}
