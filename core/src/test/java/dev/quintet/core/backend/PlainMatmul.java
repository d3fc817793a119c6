package dev.quintet.core.backend;

/// Matrix products as they are defined.
final class PlainMatmul {
  private PlainMatmul() {}

  /// C = op(A) op(B), added to what `c` holds when the product accumulates.
  static double[] multiply(Product p, double[] a, double[] b, double[] c) {
    double[] result = c.clone();
    for (int batch = 0; batch < p.batch(); batch++) {
      for (int i = 0; i < p.m(); i++) {
        for (int j = 0; j < p.n(); j++) {
          double sum = 0;
          for (int l = 0; l < p.k(); l++) {
            int inA = p.a().transposed() ? l * p.a().row() + i : i * p.a().row() + l;
            int inB = p.b().transposed() ? j * p.b().row() + l : l * p.b().row() + j;
            sum += a[(int) (batch * p.a().next()) + inA] * b[(int) (batch * p.b().next()) + inB];
          }
          int inC = (int) (batch * p.c().next()) + i * p.c().row() + j;
          result[inC] = p.accumulate() ? result[inC] + sum : sum;
        }
      }
    }
    return result;
  }
}
