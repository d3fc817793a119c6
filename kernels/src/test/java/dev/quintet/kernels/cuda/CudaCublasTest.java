package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.MatmulContract;
import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Product;
import dev.quintet.kernels.driver.Cublas;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.testing.StandIn;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The contract by cuBLAS's calls, on a stand-in that computes what they are documented to.
@Tag("emulator")
class CudaCublasTest extends MatmulContract {
  private static final String LIBRARY = "quintet.cuda.cublas";
  private static final String PRODUCTS = "quintet.cuda.products";

  private static @Nullable Backend backend;

  @Override
  protected Backend backend() {
    if (backend == null) {
      var whole = (CudaBackend) StandIn.backend();
      System.setProperty(LIBRARY, StandIn.library().resolveSibling("libcublas.so.12").toString());
      Optional<Cublas> found = Cublas.open(whole.cuda());
      if (found.isEmpty()) {
        abort("JCublas has no native library for this platform");
      }
      backend =
          Rung.of(
              whole,
              "matmul",
              (cuda, _) -> new CudaCublas(found.orElseThrow(), new CudaMatmul(cuda.cuda()), false));
    }
    return backend;
  }

  @Override
  protected double bfloat16Tolerance() {
    return 1e-5;
  }

  @AfterEach
  void forget() {
    System.clearProperty(PRODUCTS);
  }

  @Test
  void theLibraryComputesWhatItTakes() {
    backend();
    StandIn.reset();
    long bytes = 4 * 64;
    long a = backend().memory().allocate(3 * bytes);
    backend().memory().zero(a, 3 * bytes);
    backend().matmul().multiply(Product.nt(8, 8, 8), a, a + bytes, a + 2 * bytes);
    assertEquals(1, StandIn.counts("cublas_product").launches());
    backend().memory().release(a, 3 * bytes);
  }

  @Test
  void thePropertyChoosesWhoMultiplies() {
    backend();
    Cuda cuda = ((CudaBackend) StandIn.backend()).cuda();
    var own = new CudaMatmul(cuda);
    System.setProperty(PRODUCTS, "own");
    assertEquals(own, CudaCublas.choose(cuda, own));
    System.setProperty(PRODUCTS, "fastest");
    assertThrows(IllegalArgumentException.class, () -> CudaCublas.choose(cuda, own));
    String library = System.getProperty(LIBRARY);
    System.setProperty(LIBRARY, "libno-such-library.so.12");
    try {
      System.setProperty(PRODUCTS, "auto");
      assertEquals(own, CudaCublas.choose(cuda, own));
      System.setProperty(PRODUCTS, "cublas");
      PrintStream before = System.err;
      var said = new ByteArrayOutputStream();
      System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
      MatmulKernels chosen;
      try {
        chosen = CudaCublas.choose(cuda, own);
      } finally {
        System.setErr(before);
      }
      assertEquals(own, chosen);
      assertEquals(1, said.toString(StandardCharsets.UTF_8).lines().count());
      assertTrue(said.toString(StandardCharsets.UTF_8).contains("libno-such-library.so.12"));
    } finally {
      System.setProperty(LIBRARY, library);
    }
    assertInstanceOf(CudaCublas.class, backend().matmul());
  }
}
