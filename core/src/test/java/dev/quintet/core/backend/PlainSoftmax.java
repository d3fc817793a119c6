package dev.quintet.core.backend;

/// Softmax of rows, its logarithm and their gradients as they are defined.
final class PlainSoftmax {
  private PlainSoftmax() {}

  static double[] softmax(int width, double[] x) {
    double[] y = logSoftmax(width, x);
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.exp(y[i]);
    }
    return y;
  }

  /// dx_i = y_i (dy_i - sum_j y_j dy_j).
  static double[] softmaxBackward(int width, double[] y, double[] dy) {
    double[] dx = new double[y.length];
    for (int row = 0; row < y.length; row += width) {
      double dot = 0;
      for (int i = row; i < row + width; i++) {
        dot += y[i] * dy[i];
      }
      for (int i = row; i < row + width; i++) {
        dx[i] = y[i] * (dy[i] - dot);
      }
    }
    return dx;
  }

  static double[] logSoftmax(int width, double[] x) {
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += width) {
      double largest = largest(x, row, width);
      double log = Math.log(sumOfExponentials(largest, x, row, width));
      for (int i = row; i < row + width; i++) {
        y[i] = x[i] - largest - log; // one after the other: the largest may dwarf the logarithm
      }
    }
    return y;
  }

  /// dx_i = dy_i - exp(y_i) sum_j dy_j.
  static double[] logSoftmaxBackward(int width, double[] y, double[] dy) {
    double[] dx = new double[y.length];
    for (int row = 0; row < y.length; row += width) {
      double sum = 0;
      for (int i = row; i < row + width; i++) {
        sum += dy[i];
      }
      for (int i = row; i < row + width; i++) {
        dx[i] = dy[i] - Math.exp(y[i]) * sum;
      }
    }
    return dx;
  }

  static double logSumExp(double[] x, int from, int width) {
    double largest = largest(x, from, width);
    return largest + Math.log(sumOfExponentials(largest, x, from, width));
  }

  private static double largest(double[] x, int from, int width) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + width; i++) {
      largest = Math.max(largest, x[i]);
    }
    return largest;
  }

  private static double sumOfExponentials(double largest, double[] x, int from, int width) {
    double sum = 0;
    for (int i = from; i < from + width; i++) {
      sum += Math.exp(x[i] - largest);
    }
    return sum;
  }
}
