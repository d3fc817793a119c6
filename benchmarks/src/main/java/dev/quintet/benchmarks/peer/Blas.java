package dev.quintet.benchmarks.peer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quintet.benchmarks.contest.MissingPeerException;
import dev.quintet.core.backend.Product;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;

/// Matrix products by a library that has `cblas_sgemm`.
public final class Blas {
  private static final int ROW_MAJOR = 101;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;

  private final MethodHandle multiply;

  private Blas(String name, SymbolLookup symbols, String setThreads, int threads) {
    Linker linker = Linker.nativeLinker();
    try {
      linker
          .downcallHandle(symbols.findOrThrow(setThreads), FunctionDescriptor.ofVoid(JAVA_INT))
          .invoke(threads);
      multiply =
          linker.downcallHandle(
              symbols.findOrThrow("cblas_sgemm"),
              FunctionDescriptor.ofVoid(
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_FLOAT,
                  ADDRESS,
                  JAVA_INT,
                  ADDRESS,
                  JAVA_INT,
                  JAVA_FLOAT,
                  ADDRESS,
                  JAVA_INT));
    } catch (Throwable e) {
      throw new MissingPeerException(name + " cannot be called here: " + e, e);
    }
  }

  /// OpenBLAS.
  ///
  /// @param threads the number of its threads
  public static Blas openBlas(int threads) {
    String jar = "/org/bytedeco/openblas/linux-x86_64/";
    // OpenBLAS asks for the first by name
    return load(
        "OpenBLAS",
        jar,
        List.of("libgfortran.so.5", "libopenblas.so.0"),
        List.of(),
        "openblas_set_num_threads",
        threads);
  }

  /// Intel's Math Kernel Library.
  ///
  /// @param threads the number of its threads
  public static Blas mkl(int threads) {
    String jar = "/org/bytedeco/mkl/linux-x86_64/";
    return load(
        "MKL",
        jar,
        List.of(
            "libiomp5.so",
            "libmkl_core.so.2",
            "libmkl_intel_thread.so.2",
            "libmkl_intel_lp64.so.2"),
        // which of these it takes, it decides by the processor
        List.of("libmkl_def.so.2", "libmkl_avx2.so.2", "libmkl_avx512.so.2"),
        "MKL_Set_Num_Threads",
        threads);
  }

  private static Blas load(
      String name,
      String jar,
      List<String> loaded,
      List<String> beside,
      String setThreads,
      int threads) {
    Path folder = NativeFiles.folder(name);
    beside.forEach(file -> NativeFiles.unpack(name, folder, jar + file));
    SymbolLookup symbols = SymbolLookup.loaderLookup();
    try {
      for (String file : loaded) {
        symbols = Global.load(NativeFiles.unpack(name, folder, jar + file)).or(symbols);
      }
    } catch (IllegalArgumentException | UnsatisfiedLinkError e) {
      throw new MissingPeerException(name + " cannot be loaded here: " + e.getMessage(), e);
    }
    return new Blas(name, symbols, setThreads, threads);
  }

  /// C = op(A) op(B), or C += op(A) op(B).
  ///
  /// @param p sizes, and how operands lie
  /// @param a address of A
  /// @param b address of B
  /// @param c address of C
  public void multiply(Product p, long a, long b, long c) {
    try {
      multiply.invokeExact(
          ROW_MAJOR,
          p.a().transposed() ? TRANSPOSED : PLAIN,
          p.b().transposed() ? TRANSPOSED : PLAIN,
          p.m(),
          p.n(),
          p.k(),
          1f,
          MemorySegment.ofAddress(a),
          p.a().row(),
          MemorySegment.ofAddress(b),
          p.b().row(),
          p.accumulate() ? 1f : 0f,
          MemorySegment.ofAddress(c),
          p.c().row());
    } catch (Throwable e) {
      throw new IllegalStateException("cblas_sgemm cannot be called", e);
    }
  }

  /// `dlopen` so that libraries see each other's symbols, which Java's own way keeps apart: MKL's parts name no one that they need.
  private static final class Global {
    private static final int LAZY_AND_GLOBAL = 0x1 | 0x100;

    static SymbolLookup load(Path file) {
      Linker linker = Linker.nativeLinker();
      try (Arena arena = Arena.ofConfined()) {
        MethodHandle open =
            linker.downcallHandle(
                linker.defaultLookup().findOrThrow("dlopen"),
                FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
        var opened =
            (MemorySegment) open.invokeExact(arena.allocateFrom(file.toString()), LAZY_AND_GLOBAL);
        if (opened.address() == 0) {
          throw new IllegalArgumentException(file + " cannot be opened: " + error(linker));
        }
      } catch (IllegalArgumentException e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalArgumentException("dlopen cannot be called: " + e, e);
      }
      return SymbolLookup.libraryLookup(file, Arena.global());
    }

    private static String error(Linker linker) throws Throwable {
      MethodHandle error =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("dlerror"), FunctionDescriptor.of(ADDRESS));
      var text = (MemorySegment) error.invokeExact();
      return text.address() == 0 ? "no reason given" : text.reinterpret(4096).getString(0);
    }
  }
}
