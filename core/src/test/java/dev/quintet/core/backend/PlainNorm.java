package dev.quintet.core.backend;

/// RMS norm, layer norm and their gradients as they are defined.
final class PlainNorm {
  private PlainNorm() {}

  /// What a norm computes, or the gradients of x, weight and bias.
  record Gradients(double[] x, double[] weight, double[] bias) {}

  static double[] rmsNorm(double epsilon, double[] x, double[] weight) {
    int width = weight.length;
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += width) {
      double rstd = rstd(epsilon, 0, x, row, width);
      for (int i = 0; i < width; i++) {
        y[row + i] = x[row + i] * rstd * weight[i];
      }
    }
    return y;
  }

  /// With n = x rstd and g = dy w: dx = rstd (g - n mean(g n)), dw = sum over rows of dy n.
  static Gradients rmsNormBackward(double epsilon, double[] x, double[] weight, double[] dy) {
    int width = weight.length;
    double[] dx = new double[x.length];
    double[] dWeight = new double[width];
    for (int row = 0; row < x.length; row += width) {
      double rstd = rstd(epsilon, 0, x, row, width);
      double mean = 0;
      for (int i = 0; i < width; i++) {
        double normed = x[row + i] * rstd;
        mean += dy[row + i] * weight[i] * normed / width;
        dWeight[i] += dy[row + i] * normed;
      }
      for (int i = 0; i < width; i++) {
        dx[row + i] = rstd * (dy[row + i] * weight[i] - x[row + i] * rstd * mean);
      }
    }
    return new Gradients(dx, dWeight, new double[0]);
  }

  static double[] layerNorm(double epsilon, double[] x, double[] weight, double[] bias) {
    int width = weight.length;
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += width) {
      double mean = mean(x, row, width);
      double rstd = rstd(epsilon, mean, x, row, width);
      for (int i = 0; i < width; i++) {
        y[row + i] = (x[row + i] - mean) * rstd * weight[i] + bias[i];
      }
    }
    return y;
  }

  /// With n = (x - mean) rstd and g = dy w: dx = rstd (g - mean(g) - n mean(g n)), dw = sum over
  /// rows of dy n, db = sum over rows of dy.
  static Gradients layerNormBackward(double epsilon, double[] x, double[] weight, double[] dy) {
    int width = weight.length;
    double[] dx = new double[x.length];
    double[] dWeight = new double[width];
    double[] dBias = new double[width];
    for (int row = 0; row < x.length; row += width) {
      double mean = mean(x, row, width);
      double rstd = rstd(epsilon, mean, x, row, width);
      double meanG = 0;
      double meanGn = 0;
      for (int i = 0; i < width; i++) {
        double normed = (x[row + i] - mean) * rstd;
        double g = dy[row + i] * weight[i];
        meanG += g / width;
        meanGn += g * normed / width;
        dWeight[i] += dy[row + i] * normed;
        dBias[i] += dy[row + i];
      }
      for (int i = 0; i < width; i++) {
        double normed = (x[row + i] - mean) * rstd;
        dx[row + i] = rstd * (dy[row + i] * weight[i] - meanG - normed * meanGn);
      }
    }
    return new Gradients(dx, dWeight, dBias);
  }

  static double mean(double[] x, int from, int width) {
    double sum = 0;
    for (int i = from; i < from + width; i++) {
      sum += x[i];
    }
    return sum / width;
  }

  /// 1 / sqrt(mean of (x - centre)² + epsilon).
  static double rstd(double epsilon, double centre, double[] x, int from, int width) {
    double sum = 0;
    for (int i = from; i < from + width; i++) {
      sum += (x[i] - centre) * (x[i] - centre);
    }
    return 1 / Math.sqrt(sum / width + epsilon);
  }
}
