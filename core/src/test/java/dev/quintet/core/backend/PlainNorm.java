package dev.quintet.core.backend;

/// Layer norm and its gradients as they are defined; and RMS norm, where there is no bias, nor a mean.
final class PlainNorm {
  private PlainNorm() {}

  /// The gradients of x, weight and bias.
  record Gradients(double[] x, double[] weight, double[] bias) {}

  /// @param bias empty for RMS norm
  static double[] norm(double epsilon, double[] x, double[] weight, double... bias) {
    int width = weight.length;
    double[] y = new double[x.length];
    for (int row = 0; row < x.length; row += width) {
      double mean = bias.length == 0 ? 0 : mean(x, row, width);
      double rstd = rstd(epsilon, mean, x, row, width);
      for (int i = 0; i < width; i++) {
        y[row + i] = (x[row + i] - mean) * rstd * weight[i] + (bias.length == 0 ? 0 : bias[i]);
      }
    }
    return y;
  }

  /// With n = (x - mean) rstd and g = dy w: dx = rstd (g - mean(g) - n mean(g n)), without mean(g) for RMS norm; dw = sum
  /// over rows of dy n, db = sum over rows of dy.
  static Gradients backward(
      double epsilon, boolean centred, double[] x, double[] weight, double[] dy) {
    int width = weight.length;
    double[] dx = new double[x.length];
    double[] dWeight = new double[width];
    double[] dBias = new double[width];
    for (int row = 0; row < x.length; row += width) {
      double mean = centred ? mean(x, row, width) : 0;
      double rstd = rstd(epsilon, mean, x, row, width);
      double meanG = 0;
      double meanGn = 0;
      for (int i = 0; i < width; i++) {
        double normed = (x[row + i] - mean) * rstd;
        double g = dy[row + i] * weight[i];
        meanG += centred ? g / width : 0;
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
