package dev.quintet.core.nn;

import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Tensor;

/// Losses beside [Tensor#crossEntropy]: each a scalar, of which a backward begins.
///
/// Predictions and targets have one shape, and nothing is broadcast. A loss is the mean over all elements, where
/// nothing else is said; a loss of one's own is written of the same operations.
public final class Loss {
  private Loss() {}

  /// The mean of squared errors.
  public static Tensor mse(Tensor prediction, Tensor target) {
    return difference("mse", prediction, target).square().mean();
  }

  /// The mean of absolute errors.
  public static Tensor l1(Tensor prediction, Tensor target) {
    return difference("l1", prediction, target).abs().mean();
  }

  /// The mean of e² / 2 for errors e up to `delta`, of `delta` (|e| - delta / 2) beyond (Huber, 1964).
  ///
  /// @param delta where the loss turns from square to straight, over 0
  public static Tensor huber(Tensor prediction, Tensor target, float delta) {
    if (!(delta > 0)) {
      throw new IllegalArgumentException("huber: delta is over 0, not " + delta);
    }
    Tensor error = difference("huber", prediction, target).abs();
    Tensor near = error.clamp(0, delta);
    return near.square().multiply(0.5f).add(error.subtract(near).multiply(delta)).mean();
  }

  /// The mean binary cross entropy of logits: -t ln σ(x) - (1 - t) ln(1 - σ(x)), whatever the size of x.
  ///
  /// @param logits of any shape
  /// @param target 0 or 1, or between: float32, or truths
  public static Tensor binaryCrossEntropyWithLogits(Tensor logits, Tensor target) {
    Tensor wanted = target.type() == DType.BOOL ? target.cast(DType.F32) : target;
    check("binaryCrossEntropyWithLogits", logits, wanted);
    return logits.softplus().subtract(logits.multiply(wanted)).mean();
  }

  /// The Kullback-Leibler divergence of the predicted distribution from the target's, Σ t (ln t - ln p) along the last
  /// axis, and its mean over the rows.
  ///
  /// @param logProbabilities ln p, as [Tensor#logSoftmax] gives it
  /// @param target probabilities t; where one is 0, its part is 0
  public static Tensor klDivergence(Tensor logProbabilities, Tensor target) {
    check("klDivergence", logProbabilities, target);
    Tensor logTarget = target.eq(0).where(Tensor.ones(target.shape()), target).log();
    return target
        .multiply(logTarget.subtract(logProbabilities))
        .sum()
        .multiply(1f / logProbabilities.shape().rows());
  }

  private static Tensor difference(String name, Tensor prediction, Tensor target) {
    check(name, prediction, target);
    return prediction.subtract(target);
  }

  private static void check(String name, Tensor prediction, Tensor target) {
    if (!prediction.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          name
              + ": predictions of shape "
              + prediction.shape()
              + " need targets of the same shape, not "
              + target.shape()
              + "; reshape() or broadcastTo() one of them");
    }
  }
}
