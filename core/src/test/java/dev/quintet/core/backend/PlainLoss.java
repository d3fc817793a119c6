package dev.quintet.core.backend;

/// Cross entropy and its gradient as they are defined.
final class PlainLoss {
  private PlainLoss() {}

  static double[] crossEntropy(
      int width, int ignore, double smoothing, double[] logits, int[] labels) {
    double[] losses = new double[labels.length];
    double[] logs = PlainSoftmax.logSoftmax(width, logits);
    for (int r = 0; r < labels.length; r++) {
      for (int i = 0; i < width && labels[r] != ignore; i++) {
        double target = target(width, smoothing, labels[r], i);
        losses[r] -= target == 0 ? 0 : target * logs[r * width + i];
      }
    }
    return losses;
  }

  /// dLosses (softmax - target), and 0 in rows that are ignored.
  static double[] crossEntropyBackward(
      int width, int ignore, double smoothing, double[] logits, int[] labels, double[] dLosses) {
    double[] p = PlainSoftmax.softmax(width, logits);
    double[] dLogits = new double[logits.length];
    for (int r = 0; r < labels.length; r++) {
      for (int i = 0; i < width && labels[r] != ignore; i++) {
        dLogits[r * width + i] =
            dLosses[r] * (p[r * width + i] - target(width, smoothing, labels[r], i));
      }
    }
    return dLogits;
  }

  private static double target(int width, double smoothing, int label, int i) {
    return (label == i ? 1 - smoothing : 0) + smoothing / width;
  }
}
