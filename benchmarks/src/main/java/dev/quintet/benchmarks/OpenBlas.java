package dev.quintet.benchmarks;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quintet.core.backend.Product;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/// The peer of matrix products: OpenBLAS, from the library that the profile `benchmarks` brings.
final class OpenBlas {
  private static final int ROW_MAJOR = 101;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;
  private static final String FOLDER = "/org/bytedeco/openblas/linux-x86_64/";

  private final MethodHandle multiply;

  /// Loads the library.
  ///
  /// @param threads the number of its threads
  OpenBlas(int threads) {
    try {
      Path folder = Files.createTempDirectory("openblas");
      load(folder, "libgfortran.so.5"); // OpenBLAS asks for it by name
      SymbolLookup symbols = load(folder, "libopenblas.so.0");
      Linker linker = Linker.nativeLinker();
      linker
          .downcallHandle(
              symbols.findOrThrow("openblas_set_num_threads"), FunctionDescriptor.ofVoid(JAVA_INT))
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
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Throwable e) {
      throw new IllegalStateException("OpenBLAS cannot be used here", e);
    }
  }

  /// C = op(A) op(B), or C += op(A) op(B).
  void multiply(Product p, long a, long b, long c) {
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

  private static SymbolLookup load(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    try (var in = OpenBlas.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException(
            "no OpenBLAS on the class path: run benchmarks with the profile `benchmarks`, on Linux"
                + " for x86-64");
      }
      Files.copy(in, file);
    }
    file.toFile().deleteOnExit();
    folder.toFile().deleteOnExit();
    return SymbolLookup.libraryLookup(file, Arena.global());
  }
}
