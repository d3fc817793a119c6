package dev.quintet.core.io;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// Maps files copy-on-write: pages are the file's own until somebody writes to them, and never reach it.
///
/// The JDK maps so only what it may open for writing, which a model in a read-only image is not; Linux itself asks
/// no more than reading.
final class PrivateMapping {
  private static final int READ_ONLY = 0;
  private static final int READ_WRITE = 0x3;
  private static final int PRIVATE = 0x2;
  private static final int SEEK_END = 2;
  private static final int WILL_NEED = 3;
  private static final int DONT_NEED = 4;

  private static final Optional<PrivateMapping> SYSTEM = find();

  private final MethodHandle open;
  private final MethodHandle seek;
  private final MethodHandle map;
  private final MethodHandle advise;
  private final MethodHandle unmap;
  private final MethodHandle close;

  private PrivateMapping(Linker linker) {
    open = handle(linker, "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    seek = handle(linker, "lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    map =
        handle(
            linker,
            "mmap",
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    advise =
        handle(linker, "madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    unmap = handle(linker, "munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    close = handle(linker, "close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  }

  private static MethodHandle handle(Linker linker, String name, FunctionDescriptor descriptor) {
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }

  private static Optional<PrivateMapping> find() {
    if (!System.getProperty("os.name", "").startsWith("Linux")) {
      return Optional.empty();
    }
    try {
      return Optional.of(new PrivateMapping(Linker.nativeLinker()));
    } catch (RuntimeException | UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  /// A mapping that ends when nobody can reach its memory any more.
  ///
  /// @param memory the file's bytes
  /// @param drop gives the pages back that were written to, at once; whoever still reads sees the file's own bytes again.
  ///     Unmapping instead would end the whole process where a thread still computes.
  record Mapping(MemorySegment memory, Runnable drop) {}

  /// Maps a whole file, or gives empty where that cannot be done here.
  static Optional<Mapping> of(Path path) {
    Optional<Mapping> mapped = SYSTEM.flatMap(system -> system.map(path));
    return mapped.isPresent() ? mapped : byChannel(path);
  }

  private static Optional<Mapping> byChannel(Path path) {
    if (!Files.isWritable(path)) {
      return Optional.empty();
    }
    try (var channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment memory =
          channel.map(FileChannel.MapMode.PRIVATE, 0, channel.size(), Arena.ofAuto());
      return Optional.of(new Mapping(memory, () -> {}));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<Mapping> map(Path path) {
    int file = -1;
    try (var text = Arena.ofConfined()) {
      file = (int) open.invokeExact(text.allocateFrom(path.toAbsolutePath().toString()), READ_ONLY);
      if (file < 0) {
        return Optional.empty();
      }
      long size = (long) seek.invokeExact(file, 0L, SEEK_END);
      if (size <= 0) {
        return Optional.empty();
      }
      var mapped =
          (MemorySegment) map.invokeExact(MemorySegment.NULL, size, READ_WRITE, PRIVATE, file, 0L);
      if (mapped.address() == -1) {
        return Optional.empty();
      }
      // Reading ahead begins now.
      advise(mapped.address(), size, WILL_NEED);
      MemorySegment memory =
          mapped.reinterpret(size, Arena.ofAuto(), whole -> release(whole.address(), size));
      return Optional.of(new Mapping(memory, () -> advise(memory.address(), size, DONT_NEED)));
    } catch (Throwable e) {
      throw new IllegalStateException("mapping " + path + " failed", e);
    } finally {
      closeQuietly(file);
    }
  }

  /// Advice that fails changes nothing.
  private void advise(long address, long size, int advice) {
    try {
      var _ = (int) advise.invokeExact(MemorySegment.ofAddress(address), size, advice);
    } catch (Throwable e) {
      throw new IllegalStateException("madvise could not be called", e);
    }
  }

  private void release(long address, long size) {
    try {
      var _ = (int) unmap.invokeExact(MemorySegment.ofAddress(address), size);
    } catch (Throwable e) {
      throw new IllegalStateException("munmap could not be called", e);
    }
  }

  private void closeQuietly(int file) {
    if (file < 0) {
      return;
    }
    try {
      var _ = (int) close.invokeExact(file);
    } catch (Throwable e) {
      throw new IllegalStateException("close could not be called", e);
    }
  }
}
