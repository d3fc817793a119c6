package dev.quintet.core.backend;

/// One step of AdamW as PyTorch's documentation writes it down, and of Adafactor as its paper does.
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

  /// Updates the parameter, the means of rows and columns, and the first moment, which may be empty.
  static void adafactor(
      OptimizerKernels.Adafactor u,
      double scale,
      OptimizerKernels.Matrices axes,
      double[] p,
      double[] g,
      double[] row,
      double[] column,
      double[] m) {
    int rows = axes.rows();
    int columns = axes.columns();
    double[] v = new double[p.length];
    for (int i = 0; i < axes.matrices(); i++) {
      double[] rowMeans = new double[rows];
      double[] columnMeans = new double[columns];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          double gradient = scale * g[(i * rows + r) * columns + c];
          rowMeans[r] += (gradient * gradient + u.epsilon()) / columns;
          columnMeans[c] += (gradient * gradient + u.epsilon()) / rows;
        }
      }
      double mean = 0;
      for (int r = 0; r < rows; r++) {
        int at = i * rows + r;
        row[at] = u.beta2() * row[at] + (1 - u.beta2()) * rowMeans[r];
        mean += row[at] / rows;
      }
      for (int c = 0; c < columns; c++) {
        int at = i * columns + c;
        column[at] = u.beta2() * column[at] + (1 - u.beta2()) * columnMeans[c];
        for (int r = 0; r < rows; r++) {
          v[(i * rows + r) * columns + c] = row[i * rows + r] / mean * column[at];
        }
      }
    }
    step(u, scale, p, g, v, m);
  }

  /// Updates the parameter, the second moment, and the first, which may be empty.
  static void adafactor(
      OptimizerKernels.Adafactor u, double scale, double[] p, double[] g, double[] v, double[] m) {
    for (int i = 0; i < p.length; i++) {
      double gradient = scale * g[i];
      v[i] = u.beta2() * v[i] + (1 - u.beta2()) * (gradient * gradient + u.epsilon());
    }
    step(u, scale, p, g, v, m);
  }

  private static void step(
      OptimizerKernels.Adafactor u, double scale, double[] p, double[] g, double[] v, double[] m) {
    double squares = 0;
    double steps = 0;
    for (int i = 0; i < p.length; i++) {
      squares += p[i] * p[i] / p.length;
      steps += scale * scale * g[i] * g[i] / v[i] / p.length;
    }
    double rate = u.rate();
    if (u.scaled()) {
      rate *= Math.min(u.mostScale(), Math.max(u.leastScale(), Math.sqrt(squares)));
    }
    double clip = Math.max(1, Math.sqrt(steps) / u.clip());
    for (int i = 0; i < p.length; i++) {
      double step = rate * scale * g[i] / Math.sqrt(v[i]) / clip;
      if (m.length > 0) {
        m[i] = u.beta1() * m[i] + (1 - u.beta1()) * step;
        step = m[i];
      }
      p[i] = (1 - (u.decayByRate() ? rate * u.decay() : u.decay())) * p[i] - step;
    }
  }
}
