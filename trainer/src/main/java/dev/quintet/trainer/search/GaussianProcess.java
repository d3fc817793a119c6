package dev.quintet.trainer.search;

import java.util.Arrays;

/// A Gaussian process over points of the unit cube with the Matérn kernel of order 5/2, a length scale a dimension, and
/// noise (Rasmussen and Williams 2006, algorithm 2.1).
///
/// k(a, b) = s² (1 + √5 r + 5 r²/3) exp(-√5 r), r² = Σ ((a_d - b_d) / l_d)². The values are standardised with their mean
/// and population deviation; what comes out is in the values' own unit.
public final class GaussianProcess {
  private static final double JITTER = 1e-10;
  private static final double MOST_JITTER = 1e-4;
  private static final double ROOT_5 = StrictMath.sqrt(5);

  private final double[][] points;
  private final Settings settings;
  private final double mean;
  private final double deviation;
  private final double[][] lower;
  private final double[] weights;
  private final double[] standardised;

  /// Conditions a process on values.
  ///
  /// @param points `[N][D]`
  /// @param values `[N]`
  /// @throws IllegalArgumentException if the numbers do not fit each other, or no jitter makes the kernel definite
  public GaussianProcess(double[][] points, double[] values, Settings settings) {
    if (points.length == 0
        || points.length != values.length
        || points[0].length != settings.lengths.length) {
      throw new IllegalArgumentException(
          "a Gaussian process needs as many values as points, and a length scale a dimension; got %d points, %d values and %d length scales"
              .formatted(points.length, values.length, settings.lengths.length));
    }
    this.points = points;
    this.settings = settings;
    mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(y -> (y - mean) * (y - mean)).sum();
    double spread = StrictMath.sqrt(squares / values.length);
    // Values that are all the same differ by rounding alone.
    deviation = spread > 1e-12 * Math.max(1e-290, Math.abs(mean)) ? spread : 1;
    standardised = Arrays.stream(values).map(y -> (y - mean) / deviation).toArray();
    lower = factor();
    weights = standardised.clone();
    Cholesky.forward(lower, weights);
    Cholesky.backward(lower, weights);
  }

  private double[][] factor() {
    for (double jitter = JITTER; jitter <= MOST_JITTER * 1.5; jitter *= 10) {
      double[][] kernel = kernel();
      for (int i = 0; i < kernel.length; i++) {
        kernel[i][i] += settings.noise + jitter;
      }
      if (Cholesky.factor(kernel)) {
        return kernel;
      }
    }
    throw new IllegalArgumentException(
        "the kernel of %d points is not positive definite, even with %s added: %s"
            .formatted(points.length, MOST_JITTER, settings));
  }

  /// The kernel between all points, without noise. `[N][N]`
  public double[][] kernel() {
    double[][] kernel = new double[points.length][points.length];
    for (int i = 0; i < points.length; i++) {
      for (int j = 0; j <= i; j++) {
        kernel[i][j] = settings.kernel(points[i], points[j]);
        kernel[j][i] = kernel[i][j];
      }
    }
    return kernel;
  }

  /// The logarithm of how likely the standardised values are.
  public double logLikelihood() {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum -= 0.5 * standardised[i] * weights[i] + StrictMath.log(lower[i][i]);
    }
    return sum - weights.length / 2.0 * StrictMath.log(2 * Math.PI);
  }

  /// The gradient of [#logLikelihood] by the logarithms of signal variance, each length scale, and noise variance.
  /// [D + 2]
  public double[] gradient() {
    int dimensions = settings.lengths.length;
    double[][] inverse = Cholesky.inverse(lower);
    double[] gradient = new double[dimensions + 2];
    for (int i = 0; i < points.length; i++) {
      for (int j = 0; j < points.length; j++) {
        double factor = 0.5 * (weights[i] * weights[j] - inverse[i][j]);
        double r = settings.distance(points[i], points[j]);
        gradient[0] += factor * settings.kernel(points[i], points[j]);
        double slope =
            settings.signal * 5 / 3 * (1 + ROOT_5 * r) * StrictMath.exp(-ROOT_5 * r) * factor;
        for (int d = 0; d < dimensions; d++) {
          double off = (points[i][d] - points[j][d]) / settings.lengths[d];
          gradient[d + 1] += slope * off * off;
        }
        gradient[dimensions + 1] += i == j ? factor * settings.noise : 0;
      }
    }
    return gradient;
  }

  /// What is expected at a point, and how uncertain that is without noise.
  public Prediction at(double[] point) {
    double[] kernel = new double[points.length];
    double expected = 0;
    for (int i = 0; i < points.length; i++) {
      kernel[i] = settings.kernel(point, points[i]);
      expected += kernel[i] * weights[i];
    }
    Cholesky.forward(lower, kernel);
    double variance = settings.signal;
    for (double part : kernel) {
      variance -= part * part;
    }
    double latent = Math.max(0, variance);
    return new Prediction(
        mean + deviation * expected,
        deviation * StrictMath.sqrt(latent),
        deviation * StrictMath.sqrt(latent + settings.noise));
  }

  /// What is expected at a point alone, which is quicker.
  public double meanAt(double[] point) {
    double expected = 0;
    for (int i = 0; i < points.length; i++) {
      expected += settings.kernel(point, points[i]) * weights[i];
    }
    return mean + deviation * expected;
  }

  /// What the process says about a point.
  ///
  /// @param mean the expected value
  /// @param latent the standard deviation of what lies below the noise
  /// @param noisy the standard deviation of a measurement
  public record Prediction(double mean, double latent, double noisy) {}

  /// The kernel's numbers.
  ///
  /// @param signal variance of the signal
  /// @param lengths how far one has to go in each dimension for the value to change
  /// @param noise variance of the noise
  public record Settings(double signal, double[] lengths, double noise) {

    /// What is assumed while there are too few values to fit.
    ///
    /// @param dimensions of the points
    public static Settings prior(int dimensions) {
      double[] lengths = new double[dimensions];
      Arrays.fill(lengths, 0.5);
      return new Settings(1, lengths, 1e-2);
    }

    /// From logarithms: signal, lengths, noise.
    public static Settings ofLogs(double[] logs) {
      double[] lengths = new double[logs.length - 2];
      Arrays.setAll(lengths, d -> StrictMath.exp(logs[d + 1]));
      return new Settings(StrictMath.exp(logs[0]), lengths, StrictMath.exp(logs[logs.length - 1]));
    }

    /// The logarithms: signal, lengths, noise.
    public double[] logs() {
      double[] logs = new double[lengths.length + 2];
      logs[0] = StrictMath.log(signal);
      for (int d = 0; d < lengths.length; d++) {
        logs[d + 1] = StrictMath.log(lengths[d]);
      }
      logs[logs.length - 1] = StrictMath.log(noise);
      return logs;
    }

    private double distance(double[] a, double[] b) {
      double squares = 0;
      for (int d = 0; d < lengths.length; d++) {
        double off = (a[d] - b[d]) / lengths[d];
        squares += off * off;
      }
      return Math.sqrt(squares);
    }

    private double kernel(double[] a, double[] b) {
      double r = ROOT_5 * distance(a, b);
      return signal * (1 + r + r * r / 3) * StrictMath.exp(-r);
    }

    @Override
    public String toString() {
      return "signal %s, length scales %s, noise %s"
          .formatted(signal, Arrays.toString(lengths), noise);
    }
  }
}
