package dev.quintet.core.backend;

import java.util.List;

/// Matrix products, one or several in a call.
public interface MatmulKernels {

  /// C = op(A) op(B), or C += op(A) op(B), for each matrix of a batch.
  ///
  /// @param product sizes, forms and strides
  /// @param a address of A: [m, k], or [k, m] when transposed
  /// @param b address of B: [k, n], or [n, k] when transposed
  /// @param c address of C: [m, n]
  void multiply(Product product, long a, long b, long c);

  /// One A by several B, each of which has its C.
  ///
  /// @param product what each of them is
  default void multiplyEach(Product product, long a, long[] b, long[] c) {
    for (int i = 0; i < b.length; i++) {
      multiply(product, a, b[i], c[i]);
    }
  }

  /// C = A₀ B₀ + A₁ B₁ + ..., in this order.
  ///
  /// @param product what each of them is
  default void multiplySum(Product product, long[] a, long[] b, long c) {
    for (int i = 0; i < a.length; i++) {
      multiply(i == 0 ? product : product.withAccumulate(true), a[i], b[i], c);
    }
  }

  /// Several products that have nothing to do with each other.
  default void multiplyMany(List<Product> products, long[] a, long[] b, long[] c) {
    for (int i = 0; i < a.length; i++) {
      multiply(products.get(i), a[i], b[i], c[i]);
    }
  }
}
