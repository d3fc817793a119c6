package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Product;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cublas;
import dev.quintet.kernels.driver.Cuda;
import java.util.Locale;
import java.util.Optional;

/// Matrix products by cuBLAS, and by Quintet's own kernels where it has none.
///
/// @param narrowOnly whether it multiplies bfloat16 alone
record CudaCublas(Cublas cublas, CudaMatmul own, boolean narrowOnly) implements MatmulKernels {
  private static final String PROPERTY = "quintet.cuda.products";

  /// The products that `-Dquintet.cuda.products=own|cublas|auto` asks for.
  ///
  /// `auto` takes cuBLAS for bfloat16 from compute capability 9.0 on: Quintet's kernels for 9.0 have not been measured beside it
  /// yet, and for later chips there are none. Where it is asked for and missing, one line says so.
  static MatmulKernels choose(Cuda cuda, CudaMatmul own) {
    String wanted = System.getProperty(PROPERTY, "auto").toLowerCase(Locale.ROOT);
    switch (wanted) {
      case "own" -> {
        return own;
      }
      case "cublas", "auto" -> {
        boolean auto = wanted.equals("auto");
        if (auto && cuda.chip().major() < 9) {
          return own;
        }
        Optional<Cublas> found = Cublas.open(cuda);
        if (found.isEmpty()) {
          if (!auto) {
            System.err.println(
                Cublas.libraryName() + " is not here: Quintet's own kernels multiply matrices");
          }
          return own;
        }
        return new CudaCublas(found.get(), own, auto);
      }
      default ->
          throw new IllegalArgumentException(
              "-D" + PROPERTY + " is own, cublas or auto, not " + wanted);
    }
  }

  @Override
  public void multiply(Product product, long a, long b, long c) {
    if (takes(product)) {
      cublas.multiply(product, a, b, c);
    } else {
      own.multiply(product, a, b, c);
    }
  }

  /// A sum in bfloat16 is ours: one that is rounded at every term loses more.
  @Override
  public void multiplySum(Product product, long[] a, long[] b, long c) {
    if (takes(product) && product.types().out() == DType.F32) {
      MatmulKernels.super.multiplySum(product, a, b, c);
    } else {
      own.multiplySum(product, a, b, c);
    }
  }

  private boolean takes(Product product) {
    return Cublas.takes(product) && !(narrowOnly && product.types().in() != DType.BF16);
  }
}
