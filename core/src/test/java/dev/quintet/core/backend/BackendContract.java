package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.shape.Device;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// What the contract tests of all kernel families share.
///
/// A backend is proved by extending each contract with a class that says which [#backend] it means.
/// Every operand lies at an address that is aligned to its elements alone, between guards that a
/// stray write changes and a stray read turns into NaN; see [Buffers].
public abstract class BackendContract {
  private long inUse;

  /// The backend under test.
  protected abstract Backend backend();

  /// Runs a body with this number of threads, for a backend that has threads.
  protected void withThreads(int threads, Runnable body) {
    body.run();
  }

  /// How many of so many calls are worth it, where they wait for a compiler to replace the code under them: few on a
  /// device, whose kernels were compiled before.
  private int calls(int whileCompiled) {
    return backend().device().kind() == Device.Kind.CPU ? whileCompiled : 4;
  }

  @BeforeEach
  void noteMemory() {
    inUse = backend().memory().bytesInUse();
  }

  /// A kernel gives back what it borrows.
  @AfterEach
  void nothingHasLeaked() {
    assertEquals(inUse, backend().memory().bytesInUse(), "bytes in use");
  }

  /// Whether operands lie at multiples of 64 bytes, which other kernels of a device may take than of any address.
  protected boolean aligned() {
    return false;
  }

  final Buffers buffers() {
    return aligned() ? Buffers.aligned(backend()) : new Buffers(backend());
  }

  /// Fails unless a kernel gives the same bits with 1, 2 and 3 threads, and in all calls while the
  /// compiler replaces the code under it.
  final void assertSameBits(int calls, Function<Buffers, float[]> kernel) {
    float[][] first = new float[1][];
    int each = Math.max(1, calls(calls) / 4);
    for (int threads : new int[] {1, 2, 3, 1}) {
      withThreads(
          threads,
          () -> {
            for (int i = 0; i < each; i++) {
              int call = i;
              try (Buffers b = buffers()) {
                float[] now = kernel.apply(b);
                if (first[0] == null) {
                  first[0] = now;
                }
                Expect.bits(() -> "call " + call + ", " + threads + " threads", first[0], now);
              }
            }
          });
    }
  }

  /// Where a gradient is to be stored.
  static Gradient stored(long address) {
    return new Gradient(address, false);
  }

  /// No gradient, one to be added to these, or one to be stored.
  static Gradient gradient(Buffers b, boolean none, boolean add, float[] before) {
    return none ? Gradient.NONE : new Gradient(add ? b.put(before) : b.blank(before.length), add);
  }

  /// Compares what a kernel has stored, or added to what was there before.
  static void checkGradient(
      String what,
      Buffers b,
      double[] expected,
      Gradient gradient,
      float[] before,
      double tolerance) {
    if (gradient.wanted()) {
      double[] sum = gradient.add() ? Values.sum(expected, Values.doubles(before)) : expected;
      Expect.close(what, sum, b.read(gradient.address(), sum.length), tolerance);
    }
  }
}
