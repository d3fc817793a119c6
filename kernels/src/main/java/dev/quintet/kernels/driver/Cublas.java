package dev.quintet.kernels.driver;

import dev.quintet.core.backend.Product;
import dev.quintet.core.shape.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Locale;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/// NVIDIA's library of matrix products, where it is installed, on a device's queue.
public final class Cublas {
  /// What it may borrow of device memory: more than it wants on any chip so far. It is given, so that it never allocates, which
  /// work that is taken down could not do.
  private static final long WORKSPACE = 32L << 20;

  private static final int CUDA_R_32F = 0;
  private static final int CUDA_R_16BF = 14;
  private static final int CUBLAS_COMPUTE_32F = 68;
  private static final int CUBLAS_GEMM_DEFAULT = -1;
  private static final int CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION = 16;

  private final Cuda cuda;
  private final cublasHandle handle = new cublasHandle();
  private final Pointer zero = Pointer.to(new float[] {0});
  private final Pointer one = Pointer.to(new float[] {1});

  private Cublas(Cuda cuda) {
    this.cuda = cuda;
    CUstream stream = cuda.queue().beginAlone("open cuBLAS");
    try {
      check(JCublas2.cublasCreate(handle), "cublasCreate");
      check(JCublas2.cublasSetStream(handle, new cudaStream_t(stream)), "cublasSetStream");
      check(
          JCublas2.cublasSetMathMode(handle, CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION),
          "cublasSetMathMode");
    } finally {
      cuda.queue().end();
    }
    long room = cuda.memory().allocateLasting(WORKSPACE);
    check(
        JCublas2.cublasSetWorkspace(handle, Address.device(room), WORKSPACE), "cublasSetWorkspace");
  }

  /// The library's file: `-Dquintet.cuda.cublas=FILE`, or the name that the platform's dynamic linker knows.
  public static String libraryName() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    return System.getProperty(
        "quintet.cuda.cublas", os.startsWith("windows") ? "cublas64_12.dll" : "libcublas.so.12");
  }

  /// Opens the library for a device; empty where it is not installed.
  ///
  /// @throws CudaException if it is there and does not start
  public static Optional<Cublas> open(Cuda cuda) {
    try {
      var _ = SymbolLookup.libraryLookup(libraryName(), Arena.global());
      JCublas2.initialize();
    } catch (IllegalArgumentException | UnsatisfiedLinkError absent) {
      return Optional.empty();
    }
    return Optional.of(new Cublas(cuda));
  }

  /// Whether it has such a product: both operands are of one type, and rows do not overlap.
  public static boolean takes(Product p) {
    return p.m() > 0
        && p.n() > 0
        && p.k() > 0
        && p.batch() > 0
        && p.types().in() == p.types().weight()
        && (p.types().in() == DType.BF16 || p.types().out() == DType.F32)
        && p.a().row() >= (p.a().transposed() ? p.m() : p.k())
        && p.b().row() >= (p.b().transposed() ? p.k() : p.n())
        && p.c().row() >= p.n();
  }

  /// C = op(A) op(B), or C += op(A) op(B).
  ///
  /// The library's matrices lie by columns: what it sees is Cᵀ = op(B)ᵀ op(A)ᵀ, whose operands change places and nothing
  /// else.
  public void multiply(Product p, long a, long b, long c) {
    cuda.queue().begin();
    try {
      check(
          JCublas2.cublasGemmStridedBatchedEx_new( // the other one knows cuBLAS 10's types
              handle,
              operation(p.b()),
              operation(p.a()),
              p.n(),
              p.m(),
              p.k(),
              one,
              Address.device(b),
              type(p.types().weight()),
              p.b().row(),
              p.b().next(),
              Address.device(a),
              type(p.types().in()),
              p.a().row(),
              p.a().next(),
              p.accumulate() ? one : zero,
              Address.device(c),
              type(p.types().out()),
              p.c().row(),
              p.c().next(),
              p.batch(),
              CUBLAS_COMPUTE_32F,
              CUBLAS_GEMM_DEFAULT),
          "cublasGemmStridedBatchedEx of " + p);
      cuda.queue().called("cublasGemmStridedBatchedEx");
    } finally {
      cuda.queue().end();
    }
  }

  private static int operation(Product.Matrix matrix) {
    return matrix.transposed() ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private static int type(DType type) {
    return type == DType.BF16 ? CUDA_R_16BF : CUDA_R_32F;
  }

  private static void check(int status, String call) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new CudaException(call + ": " + cublasStatus.stringFor(status));
    }
  }
}
