package dev.quintet.core.backend;

/// One step of AdamW as PyTorch's documentation writes it down.
final class PlainOptimizer {
  private PlainOptimizer() {}

  /// Updates the parameter and both moments.
  static void adamW(
      OptimizerKernels.AdamW u, double scale, double[] p, double[] g, double[] m, double[] v) {
    for (int i = 0; i < p.length; i++) {
      double gradient = scale * g[i];
      p[i] -= (double) u.rate() * u.decay() * p[i];
      m[i] = u.beta1() * m[i] + (1.0 - u.beta1()) * gradient;
      v[i] = u.beta2() * v[i] + (1.0 - u.beta2()) * gradient * gradient;
      double first = m[i] / (1 - Math.pow(u.beta1(), u.step()));
      double second = v[i] / (1 - Math.pow(u.beta2(), u.step()));
      p[i] -= u.rate() * first / (Math.sqrt(second) + u.epsilon());
    }
  }
}
