package dev.quintet.core.backend;

import dev.quintet.core.backend.OptimizerKernels.Step;

/// One step of AdamW as PyTorch's documentation writes it down, and of Adafactor as its paper does.
final class PlainOptimizer {
  private PlainOptimizer() {}

  /// Updates the parameter and both moments.
  static void adamW(
      OptimizerKernels.AdamW u, Step step, double[] p, double[] g, double[] m, double[] v) {
    for (int i = 0; i < p.length; i++) {
      double gradient = step.scale() * g[i];
      p[i] -= step.rate() * step.decay() * p[i];
      m[i] = u.beta1() * m[i] + (1.0 - u.beta1()) * gradient;
      v[i] = u.beta2() * v[i] + (1.0 - u.beta2()) * gradient * gradient;
      double first = m[i] / (1 - Math.pow(u.beta1(), step.count()));
      double second = v[i] / (1 - Math.pow(u.beta2(), step.count()));
      p[i] -= step.rate() * first / (Math.sqrt(second) + u.epsilon());
    }
  }

  /// Updates the parameter, the means of rows and columns, and the first moment, which may be empty.
  static void adafactor(
      OptimizerKernels.Adafactor u,
      Step now,
      OptimizerKernels.Matrices axes,
      double[] p,
      double[] g,
      double[] row,
      double[] column,
      double[] m) {
    double beta2 = u.beta2(now.count());
    int rows = axes.rows();
    int columns = axes.columns();
    double[] v = new double[p.length];
    for (int i = 0; i < axes.matrices(); i++) {
      double[] rowMeans = new double[rows];
      double[] columnMeans = new double[columns];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          double gradient = now.scale() * g[(i * rows + r) * columns + c];
          rowMeans[r] += (gradient * gradient + u.epsilon()) / columns;
          columnMeans[c] += (gradient * gradient + u.epsilon()) / rows;
        }
      }
      double mean = 0;
      for (int r = 0; r < rows; r++) {
        int at = i * rows + r;
        row[at] = beta2 * row[at] + (1 - beta2) * rowMeans[r];
        mean += row[at] / rows;
      }
      for (int c = 0; c < columns; c++) {
        int at = i * columns + c;
        column[at] = beta2 * column[at] + (1 - beta2) * columnMeans[c];
        for (int r = 0; r < rows; r++) {
          v[(i * rows + r) * columns + c] = row[i * rows + r] / mean * column[at];
        }
      }
    }
    step(u, now, p, g, v, m);
  }

  /// Updates the parameter, the second moment, and the first, which may be empty.
  static void adafactor(
      OptimizerKernels.Adafactor u, Step now, double[] p, double[] g, double[] v, double[] m) {
    double beta2 = u.beta2(now.count());
    for (int i = 0; i < p.length; i++) {
      double gradient = now.scale() * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * (gradient * gradient + u.epsilon());
    }
    step(u, now, p, g, v, m);
  }

  private static void step(
      OptimizerKernels.Adafactor u, Step now, double[] p, double[] g, double[] v, double[] m) {
    double scale = now.scale();
    double squares = 0;
    double steps = 0;
    for (int i = 0; i < p.length; i++) {
      squares += p[i] * p[i] / p.length;
      steps += scale * scale * g[i] * g[i] / v[i] / p.length;
    }
    double rate = u.rate(now);
    if (u.scale().on()) {
      rate *= Math.min(u.scale().most(), Math.max(u.scale().least(), Math.sqrt(squares)));
    }
    double clip = Math.max(1, Math.sqrt(steps) / u.clip());
    for (int i = 0; i < p.length; i++) {
      double step = rate * scale * g[i] / Math.sqrt(v[i]) / clip;
      if (m.length > 0) {
        m[i] = u.beta1() * m[i] + (1 - u.beta1()) * step;
        step = m[i];
      }
      p[i] = (1 - (u.decayByRate() ? rate * now.decay() : now.decay())) * p[i] - step;
    }
  }
}
