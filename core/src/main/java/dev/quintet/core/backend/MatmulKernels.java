package dev.quintet.core.backend;

/// Matrix products of float32.
public interface MatmulKernels {

  /// C = op(A) op(B), or C += op(A) op(B), for each matrix of a batch.
  ///
  /// @param product sizes, forms and strides
  /// @param a address of A: [m, k] rows of `lda`, or [k, m] when transposed
  /// @param b address of B: [k, n] rows of `ldb`, or [n, k] when transposed
  /// @param c address of C: [m, n] rows of `ldc`
  void multiply(Product product, long a, long b, long c);
}
