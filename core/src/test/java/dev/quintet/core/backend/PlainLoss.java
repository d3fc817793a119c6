package dev.quintet.core.backend;

/// Cross entropy and its gradient as they are defined.
final class PlainLoss {
  private PlainLoss() {}

  static double[] crossEntropy(LossCall call, double[] logits, int[] labels) {
    double[] losses = new double[labels.length];
    double[] logs = PlainSoftmax.logSoftmax(call.width(), logits);
    for (int r = 0; r < labels.length; r++) {
      for (int i = 0; i < call.width() && labels[r] != call.ignore(); i++) {
        double target = target(call, labels[r], i);
        losses[r] -= target == 0 ? 0 : target * logs[r * call.width() + i];
      }
      if (labels[r] != call.ignore() && call.zLoss() > 0) {
        losses[r] += call.zLoss() * Math.pow(logSumExp(call, logits, logs, r), 2);
      }
    }
    return losses;
  }

  /// The gradient of the scaled sum of the rows' losses.
  static double[] crossEntropyBackward(LossCall call, double[] logits, int[] labels, double dLoss) {
    int width = call.width();
    double[] p = PlainSoftmax.softmax(width, logits);
    double[] logs = PlainSoftmax.logSoftmax(width, logits);
    double[] dLogits = new double[logits.length];
    for (int r = 0; r < labels.length; r++) {
      double log = call.zLoss() > 0 ? logSumExp(call, logits, logs, r) : 0;
      for (int i = 0; i < width && labels[r] != call.ignore(); i++) {
        double all = p[r * width + i] * (1 + 2 * call.zLoss() * log);
        dLogits[r * width + i] = dLoss * call.scale() * (all - target(call, labels[r], i));
      }
    }
    return dLogits;
  }

  private static double logSumExp(LossCall call, double[] logits, double[] logs, int row) {
    return logits[row * call.width()] - logs[row * call.width()];
  }

  private static double target(LossCall call, int label, int i) {
    return (label == i ? 1 - (double) call.smoothing() : 0)
        + (double) call.smoothing() / call.width();
  }
}
