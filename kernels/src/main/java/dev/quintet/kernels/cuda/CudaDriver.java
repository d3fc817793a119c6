package dev.quintet.kernels.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.Optional;

/// The CUDA driver's library on this machine.
///
/// @param version the CUDA version it supports: 1000 x major + 10 x minor, 0 where it does not say
record CudaDriver(int version) {

  /// The first driver that the native part of JCuda 12 runs on.
  static final CudaDriver NEEDED = new CudaDriver(12_000);

  /// The name under which this platform's dynamic linker knows the driver.
  static String libraryName() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    return os.startsWith("windows") ? "nvcuda.dll" : "libcuda.so.1";
  }

  /// Opens the library and asks for its version; empty where there is none.
  static Optional<CudaDriver> find(String library) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup symbols = SymbolLookup.libraryLookup(library, arena);
      return Optional.of(
          new CudaDriver(symbols.find("cuDriverGetVersion").map(CudaDriver::ask).orElse(0)));
    } catch (IllegalArgumentException absent) {
      return Optional.empty();
    }
  }

  boolean recentEnough() {
    return version >= NEEDED.version;
  }

  String versionText() {
    return version == 0 ? "of unknown version" : version / 1000 + "." + version % 1000 / 10;
  }

  /// Calls `CUresult cuDriverGetVersion(int *)`, which works before `cuInit`.
  private static int ask(MemorySegment function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment version = arena.allocate(ValueLayout.JAVA_INT);
      int result =
          (int)
              Linker.nativeLinker()
                  .downcallHandle(
                      function, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                  .invokeExact(version);
      return result == 0 ? version.get(ValueLayout.JAVA_INT, 0) : 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cuDriverGetVersion: " + e.getMessage(), e);
    }
  }
}
