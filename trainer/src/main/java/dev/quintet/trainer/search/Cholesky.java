package dev.quintet.trainer.search;

/// The Cholesky factor of a small dense matrix, in place: Commons Math's copies it several times, and a fit takes
/// thousands.
final class Cholesky {
  private Cholesky() {}

  /// Puts L, where L Lᵀ is the matrix, into its lower half.
  ///
  /// @param matrix symmetric; `[N][N]`
  /// @return whether it is positive definite; if not, it is spoiled
  static boolean factor(double[][] matrix) {
    for (int i = 0; i < matrix.length; i++) {
      double[] row = matrix[i];
      for (int j = 0; j < i; j++) {
        double[] other = matrix[j];
        double sum = row[j];
        for (int k = 0; k < j; k++) {
          sum -= row[k] * other[k];
        }
        row[j] = sum / other[j];
      }
      double pivot = row[i];
      for (int k = 0; k < i; k++) {
        pivot -= row[k] * row[k];
      }
      if (!(pivot > 0) || Double.isInfinite(pivot)) {
        return false;
      }
      row[i] = Math.sqrt(pivot);
    }
    return true;
  }

  /// Puts L⁻¹ b in the place of b.
  static void forward(double[][] lower, double[] b) {
    for (int i = 0; i < b.length; i++) {
      double sum = b[i];
      for (int k = 0; k < i; k++) {
        sum -= lower[i][k] * b[k];
      }
      b[i] = sum / lower[i][i];
    }
  }

  /// Puts L⁻ᵀ b in the place of b.
  static void backward(double[][] lower, double[] b) {
    for (int i = b.length - 1; i >= 0; i--) {
      double sum = b[i];
      for (int k = i + 1; k < b.length; k++) {
        sum -= lower[k][i] * b[k];
      }
      b[i] = sum / lower[i][i];
    }
  }

  /// The inverse of L Lᵀ.
  static double[][] inverse(double[][] lower) {
    double[][] inverse = new double[lower.length][lower.length];
    for (int i = 0; i < lower.length; i++) {
      inverse[i][i] = 1;
      forward(lower, inverse[i]);
      backward(lower, inverse[i]);
    }
    return inverse;
  }
}
