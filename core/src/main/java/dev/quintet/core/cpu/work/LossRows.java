package dev.quintet.core.cpu.work;

import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LossCall;

/// Cross entropy of float32 rows whose labels have been checked.
public interface LossRows {
  /// The loss and the log-sum-exp of each row.
  void forward(LossCall call, long logits, long labels, long losses, long logSumExp);

  /// The gradient of the logits.
  ///
  /// @param dLoss the gradient of the sum of the rows' losses
  void backward(
      LossCall call, float dLoss, long logits, long labels, long logSumExp, Gradient dLogits);
}
