package dev.quintet.kernels.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.kernels.cuda.CudaProvider;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.CudaDriver;
import dev.quintet.kernels.driver.CudaQueue;
import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A CUDA driver for tests where there is no GPU: it runs kernels on the processor, sees every access to memory, counts,
/// and fails when it is told to. Built by the script `stand-in` from the sources of all kernels; where that cannot be, a
/// test that asks for it is skipped with the reason.
public final class StandIn {
  private static final String PROPERTY = "quintet.cuda.driver";
  private static @Nullable Backend backend;
  private static @Nullable String reason;

  private StandIn() {}

  /// In which order the threads of a block run.
  public enum Schedule {
    FORWARD,
    REVERSE,
    RANDOM,
    GREEDY,
    GREEDY_RANDOM
  }

  /// What the launches of a kernel have cost.
  ///
  /// @param launches how many there were
  /// @param loaded bytes of global memory loaded
  /// @param stored bytes of global memory stored
  public record Counts(long launches, long loaded, long stored) {}

  /// The device `cuda:0` of the stand-in, opened once for all tests of a process and registered as such; and anew where a
  /// test has broken it, or memory that was collected while a test had it broken.
  public static synchronized Backend backend() {
    if (backend == null && reason == null) {
      try {
        first();
      } catch (IOException e) {
        reason = "no stand-in for the CUDA driver: " + e.getMessage();
        System.out.println(reason);
      }
    }
    if (backend == null) {
      return abort(reason);
    }
    if (!((CudaQueue) backend.queue()).alive()) {
      System.out.println("the stand-in is opened anew; it had found: " + said());
      Backend broken = backend;
      backend = anew();
      Backends.unregister(broken);
      Backends.register(backend);
    }
    return backend;
  }

  /// Another device of the stand-in, of the caller's own, and the stand-in with all counts at 0 and nothing to fail.
  public static Cuda open() {
    backend();
    late(false);
    reset();
    errors();
    return Cuda.open(0);
  }

  /// Has the stand-in compute only when somebody waits, or at once.
  public static void late(boolean late) {
    call("quintetLate", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), late ? 1 : 0);
  }

  /// The library that takes the driver's place, built if it is not there.
  public static Path library() {
    backend();
    return Path.of(System.getProperty(PROPERTY));
  }

  /// Has kernels run by another schedule from now on.
  public static void schedule(Schedule schedule) {
    call("quintetSchedule", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), schedule.ordinal());
  }

  /// Has the n-th call of a driver's function from now on, 1 for the next, fail with an error; 0 for none any more.
  public static void fail(String function, int nth, int error) {
    try (Arena arena = Arena.ofConfined()) {
      call(
          "quintetFail",
          FunctionDescriptor.ofVoid(
              ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
          arena.allocateFrom(function),
          nth,
          error);
    }
  }

  /// Commands on streams since [#reset].
  public static long commands() {
    return number("quintetCommands");
  }

  /// Waits of the host since [#reset].
  public static long waits() {
    return number("quintetWaits");
  }

  /// Copies from the host since [#reset].
  public static long uploads() {
    return number("quintetUploads");
  }

  /// Bytes that the host has read of the device's memory since [#reset].
  public static long readBack() {
    return number("quintetReadBack");
  }

  /// Graphs launched since [#reset].
  public static long graphLaunches() {
    return number("quintetGraphLaunches");
  }

  /// Sets all counts to 0.
  public static void reset() {
    call("quintetReset", FunctionDescriptor.ofVoid());
  }

  /// What a kernel's launches have cost since [#reset].
  public static Counts counts(String kernel) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment numbers = arena.allocate(ValueLayout.JAVA_LONG, 3);
      var _ =
          call(
              "quintetKernelCounts",
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS),
              arena.allocateFrom(kernel),
              numbers,
              numbers.asSlice(8),
              numbers.asSlice(16));
      return new Counts(
          numbers.getAtIndex(ValueLayout.JAVA_LONG, 0),
          numbers.getAtIndex(ValueLayout.JAVA_LONG, 1),
          numbers.getAtIndex(ValueLayout.JAVA_LONG, 2));
    }
  }

  /// What the emulator found wrong since it was asked last; empty for nothing.
  public static String errors() {
    return said();
  }

  private static Backend anew() {
    invoke("quintetReset", FunctionDescriptor.ofVoid());
    return new CudaProvider().open(0);
  }

  private static String said() {
    AddressLayout text =
        ValueLayout.ADDRESS.withTargetLayout(
            MemoryLayout.sequenceLayout(Long.MAX_VALUE, ValueLayout.JAVA_BYTE));
    var found = (MemorySegment) invoke("quintetErrors", FunctionDescriptor.of(text));
    return found == null || found.equals(MemorySegment.NULL) ? "" : found.getString(0);
  }

  private static long number(String function) {
    return (long)
        Objects.requireNonNull(call(function, FunctionDescriptor.of(ValueLayout.JAVA_LONG)));
  }

  private static @Nullable Object call(String name, FunctionDescriptor type, Object... arguments) {
    backend();
    return invoke(name, type, arguments);
  }

  private static @Nullable Object invoke(
      String name, FunctionDescriptor type, Object... arguments) {
    MemorySegment function =
        CudaDriver.function(name)
            .orElseThrow(() -> new IllegalStateException("the stand-in has no " + name));
    try {
      return Linker.nativeLinker().downcallHandle(function, type).invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void first() throws IOException {
    if (CudaDriver.function("quintetReset").isEmpty()) { // else it was named from outside
      System.setProperty(PROPERTY, built().toString());
    } else {
      System.setProperty(PROPERTY, CudaDriver.libraryName());
    }
    Backend opened = new CudaProvider().open(0);
    Backends.register(opened);
    backend = opened;
  }

  /// Runs the script.
  private static Path built() throws IOException {
    Path script = Path.of("stand-in").toAbsolutePath();
    if (!Files.exists(script)) {
      throw new IOException(script + " is missing");
    }
    if (!has("g++")) {
      throw new IOException("g++ is not installed here");
    }
    Path log = Files.createTempFile("stand-in", ".log");
    try {
      Process process =
          new ProcessBuilder("bash", script.toString())
              .redirectError(log.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      List<String> lines =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .toList();
      int code = process.waitFor();
      if (code != 0 || lines.isEmpty()) {
        throw new IllegalStateException(
            script + " failed with exit code " + code + ":\n" + Files.readString(log));
      }
      return Path.of(lines.getLast()).toAbsolutePath();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it was built", e);
    } finally {
      Files.delete(log);
    }
  }

  private static boolean has(String program) {
    return List.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":")).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
