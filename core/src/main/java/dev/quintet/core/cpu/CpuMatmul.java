package dev.quintet.core.cpu;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.Types;
import dev.quintet.core.backend.Widened;

/// Matrix products on the processor: bfloat16 is widened.
record CpuMatmul(Backend backend, MatmulKernels floats) implements MatmulKernels {

  @Override
  public void multiply(Product product, long a, long b, long c) {
    if (product.types().floats()) {
      floats.multiply(product, a, b, c);
    } else {
      multiplySum(product, new long[] {a}, new long[] {b}, c);
    }
  }

  /// The sum is narrowed once.
  @Override
  public void multiplySum(Product product, long[] a, long[] b, long c) {
    Types types = product.types();
    try (var widened = new Widened(backend)) {
      // what lies between C's rows and matrices stays
      var sink = new Gradient(c, true);
      long wide = widened.write(types.out(), sink, product.extentC()).address();
      long[] left = new long[a.length];
      long[] right = new long[b.length];
      for (int i = 0; i < a.length; i++) {
        left[i] = widened.read(types.in(), a[i], product.extentA());
        right[i] = widened.read(types.weight(), b[i], product.extentB());
      }
      floats.multiplySum(product.withTypes(Types.F32), left, right, wide);
    }
  }
}
