package dev.quintet.kernels.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// The CUDA driver's library on this machine.
///
/// @param version the CUDA version it supports: 1000 x major + 10 x minor, 0 where it does not say
public record CudaDriver(int version) {

  /// The first driver that the native part of JCuda 12 runs on.
  public static final CudaDriver NEEDED = new CudaDriver(12_000);

  /// What to open as the driver: the property `quintet.cuda.driver` or the environment's `QUINTET_CUDA_DRIVER`, a path;
  /// else the name under which this platform's dynamic linker knows the driver.
  public static String libraryName() {
    String path = System.getProperty("quintet.cuda.driver", "");
    if (path.isBlank()) {
      path = Objects.requireNonNullElse(System.getenv("QUINTET_CUDA_DRIVER"), "");
    }
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    return !path.isBlank() ? path : os.startsWith("windows") ? "nvcuda.dll" : "libcuda.so.1";
  }

  /// Opens the library, for good, and asks for its version; empty where there is none. JCuda's native library asks the
  /// linker for `libcuda.so.1`, and gets what is open under that name, be it another driver by its path.
  public static Optional<CudaDriver> find(String library) {
    return open(library)
        .map(symbols ->
            new CudaDriver(symbols.find("cuDriverGetVersion").map(CudaDriver::ask).orElse(0)));
  }

  /// A function of the library in use.
  public static Optional<MemorySegment> function(String name) {
    return open(libraryName()).flatMap(symbols -> symbols.find(name));
  }

  private static Optional<SymbolLookup> open(String library) {
    try {
      return Optional.of(SymbolLookup.libraryLookup(library, Arena.global()));
    } catch (IllegalArgumentException absent) {
      return Optional.empty();
    }
  }

  /// Whether JCuda runs on it.
  public boolean recentEnough() {
    return version >= NEEDED.version;
  }

  /// The version as people write it.
  public String versionText() {
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
