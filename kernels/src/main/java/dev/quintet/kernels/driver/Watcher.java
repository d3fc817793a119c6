package dev.quintet.kernels.driver;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A driver that wants to know which parts of its memory are blocks in use, as the stand-in does for tests: whatever else
/// a kernel touches is an error there.
final class Watcher {
  private static final FunctionDescriptor RANGE =
      FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);

  private static final int LINES = 3;

  private final MethodHandle slab;
  private final MethodHandle taken;
  private final MethodHandle released;
  private final MethodHandle said;

  private Watcher(
      MemorySegment slab, MemorySegment taken, MemorySegment released, MemorySegment said) {
    Linker linker = Linker.nativeLinker();
    this.slab = linker.downcallHandle(slab, RANGE);
    this.taken = linker.downcallHandle(taken, RANGE);
    this.released = linker.downcallHandle(released, RANGE);
    this.said =
        linker.downcallHandle(
            said,
            FunctionDescriptor.of(
                ValueLayout.ADDRESS.withTargetLayout(
                    MemoryLayout.sequenceLayout(Long.MAX_VALUE, ValueLayout.JAVA_BYTE))));
  }

  /// The driver in use, if it is one.
  static @Nullable Watcher find() {
    Optional<MemorySegment> slab = CudaDriver.function("quintetSlab");
    Optional<MemorySegment> taken = CudaDriver.function("quintetTaken");
    Optional<MemorySegment> released = CudaDriver.function("quintetReleased");
    Optional<MemorySegment> said = CudaDriver.function("quintetSaid");
    return slab.isPresent() && taken.isPresent() && released.isPresent() && said.isPresent()
        ? new Watcher(slab.get(), taken.get(), released.get(), said.get())
        : null;
  }

  /// Memory in which blocks will lie.
  void slab(long address, long bytes) {
    tell(slab, address, bytes);
  }

  /// A block that is handed out.
  void taken(long address, long bytes) {
    tell(taken, address, bytes);
  }

  /// A block that has come back.
  void released(long address, long bytes) {
    tell(released, address, bytes);
  }

  /// What it found wrong last, in one line; empty for nothing.
  String said() {
    try {
      List<String> lines = ((MemorySegment) said.invokeExact()).getString(0).lines().toList();
      return String.join("; ", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    } catch (Throwable e) {
      throw new IllegalStateException("the stand-in does not answer", e);
    }
  }

  private static void tell(MethodHandle function, long address, long bytes) {
    try {
      function.invokeExact(address, bytes);
    } catch (Throwable e) {
      throw new IllegalStateException("the stand-in does not answer", e);
    }
  }
}
