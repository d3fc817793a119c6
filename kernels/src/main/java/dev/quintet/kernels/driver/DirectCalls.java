package dev.quintet.kernels.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import jcuda.driver.CUresult;

/// The two functions of the driver that JCuda does not have, called directly: launches with attributes, and maps of tiles for
/// Hopper's copy engine. Layouts are those of `cuda.h`.
final class DirectCalls {
  /// A CUlaunchConfig, and behind it the two attributes that it may point to.
  private static final int CONFIG = 56;

  private static final int ATTRIBUTE = 72;
  private static final int CLUSTER_DIMENSION = 4;
  private static final int PROGRAMMATIC_STREAM_SERIALIZATION = 6;

  private static final int BFLOAT16 = 9;
  private static final int SWIZZLE_128_BYTES = 3;
  private static final int PROMOTE_256_BYTES = 3;

  private static final FunctionDescriptor LAUNCH =
      FunctionDescriptor.of(
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_LONG,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS);
  private static final FunctionDescriptor ENCODE =
      FunctionDescriptor.of(
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_LONG,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT);

  private final Optional<MethodHandle> launch = find("cuLaunchKernelEx", LAUNCH);
  private final Optional<MethodHandle> encode = find("cuTensorMapEncodeTiled", ENCODE);

  private static Optional<MethodHandle> find(String name, FunctionDescriptor type) {
    return CudaDriver.function(name)
        .map(function -> Linker.nativeLinker().downcallHandle(function, type));
  }

  /// A grid of blocks of threads.
  ///
  /// @param cluster blocks of a cluster, along x
  /// @param overlapping whether it may begin while the launch before it ends
  record Grid(int x, int y, int z, int threads, int shared, int cluster, boolean overlapping) {}

  /// cuLaunchKernelEx.
  int launch(long function, long stream, Grid grid, MemorySegment arguments) {
    if (launch.isEmpty()) {
      return CUresult.CUDA_ERROR_NOT_SUPPORTED;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config = arena.allocate(CONFIG, 8);
      MemorySegment attributes = arena.allocate(2 * ATTRIBUTE, 8);
      int count = 0;
      if (grid.cluster > 1) {
        MemorySegment attribute = attributes.asSlice((long) count++ * ATTRIBUTE);
        attribute.set(ValueLayout.JAVA_INT, 0, CLUSTER_DIMENSION);
        ints(attribute, 8, grid.cluster, 1, 1);
      }
      if (grid.overlapping) {
        MemorySegment attribute = attributes.asSlice((long) count++ * ATTRIBUTE);
        attribute.set(ValueLayout.JAVA_INT, 0, PROGRAMMATIC_STREAM_SERIALIZATION);
        ints(attribute, 8, 1);
      }
      ints(config, 0, grid.x, grid.y, grid.z, grid.threads, 1, 1, grid.shared);
      config.set(ValueLayout.JAVA_LONG, 32, stream);
      config.set(ValueLayout.ADDRESS, 40, attributes);
      config.set(ValueLayout.JAVA_INT, 48, count);
      return (int) launch.get().invokeExact(config, function, arguments, MemorySegment.NULL);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /// cuTensorMapEncodeTiled, of matrices of bfloat16 whose tiles are swizzled in 128 bytes.
  ///
  /// @param map 128 bytes, aligned to 64
  int encode(MemorySegment map, Tiles tiles) {
    if (encode.isEmpty()) {
      return CUresult.CUDA_ERROR_NOT_SUPPORTED;
    }
    boolean several = tiles.matrices() > 0;
    long[] sizes = {tiles.columns(), tiles.rows(), tiles.matrices()};
    long[] strides = {2 * tiles.stride(), 2 * tiles.next()};
    int[] box = {tiles.tileColumns(), tiles.tileRows(), 1};
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          encode
              .get()
              .invokeExact(
                  map,
                  BFLOAT16,
                  several ? 3 : 2,
                  tiles.address(),
                  arena.allocateFrom(ValueLayout.JAVA_LONG, sizes),
                  arena.allocateFrom(ValueLayout.JAVA_LONG, strides),
                  arena.allocateFrom(ValueLayout.JAVA_INT, box),
                  arena.allocateFrom(ValueLayout.JAVA_INT, 1, 1, 1),
                  0,
                  SWIZZLE_128_BYTES,
                  PROMOTE_256_BYTES,
                  0);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void ints(MemorySegment at, long offset, int... values) {
    MemorySegment.copy(values, 0, at, ValueLayout.JAVA_INT, offset, values.length);
  }
}
