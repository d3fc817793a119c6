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
            int inA = p.transposeA() ? l * p.lda() + i : i * p.lda() + l;
            int inB = p.transposeB() ? j * p.ldb() + l : l * p.ldb() + j;
            sum += a[(int) (batch * p.strideA()) + inA] * b[(int) (batch * p.strideB()) + inB];
          }
          int inC = (int) (batch * p.strideC()) + i * p.ldc() + j;
          result[inC] = p.accumulate() ? result[inC] + sum : sum;
        }
      }
    }
    return result;
  }
}
