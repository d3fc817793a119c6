package dev.quintet.core.cpu.scalar;

import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Operands in heap arrays.
///
/// The compiler vectorises plain loops over `float[]` and not over off-heap memory, so operands are copied to the
/// thread's [Workspace] in chunks of some thousand elements, worked on, and copied back. Each operand of a kernel has
/// an array of its own, told apart by a small number.
public final class ScalarScratch {
  /// Elements of a chunk: four operands fill a first-level cache of 32 KiB.
  static final int CHUNK = 2048;

  private ScalarScratch() {}

  /// The work on a chunk.
  @FunctionalInterface
  public interface Chunk {
    /// Works on `count` elements, at most [#CHUNK], from `from` on.
    void run(long from, int count);
  }

  /// Runs a body over all chunks of `count` elements, on all threads.
  public static void chunks(long count, Chunk body) {
    Cuts.elements(
        count,
        (from, many) -> {
          for (int done = 0; done < many; done += CHUNK) {
            body.run(from + done, Math.min(CHUNK, many - done));
          }
        });
  }

  /// Array number `operand`, with `count` elements from an address.
  public static float[] load(int operand, long address, int count) {
    float[] array = Workspace.floats(operand, count);
    load(address, array, 0, count);
    return array;
  }

  /// Copies `count` elements from an address.
  public static void load(long address, float[] to, int at, int count) {
    MemorySegment.copy(
        Native.floats(address, count), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, to, at, count);
  }

  /// Copies the first `count` elements to an address.
  public static void store(float[] from, long address, int count) {
    store(from, 0, address, count);
  }

  /// Copies `count` elements to an address.
  public static void store(float[] from, int at, long address, int count) {
    MemorySegment.copy(
        from, at, Native.floats(address, count), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, count);
  }

  /// The array of integers, with `count` elements from an address.
  static int[] loadInts(long address, int count) {
    int[] array = Workspace.ints(count);
    MemorySegment.copy(
        Native.floats(address, count), ValueLayout.JAVA_INT_UNALIGNED, 0, array, 0, count);
    return array;
  }

  /// Copies the first `count` integers to an address.
  public static void store(int[] from, long address, int count) {
    MemorySegment.copy(
        from, 0, Native.floats(address, count), ValueLayout.JAVA_INT_UNALIGNED, 0, count);
  }

  /// The array of bytes, with `count` elements from an address.
  static byte[] loadBytes(long address, int count) {
    byte[] array = Workspace.bytes(count);
    MemorySegment.copy(Native.bytes(address, count), ValueLayout.JAVA_BYTE, 0, array, 0, count);
    return array;
  }

  /// Copies the first `count` bytes to an address.
  public static void store(byte[] from, long address, int count) {
    MemorySegment.copy(from, 0, Native.bytes(address, count), ValueLayout.JAVA_BYTE, 0, count);
  }

  /// The int32 at an address.
  static int intAt(long address) {
    return Native.floats(address, 1).get(ValueLayout.JAVA_INT_UNALIGNED, 0);
  }

  /// The float32 at an address.
  public static float floatAt(long address) {
    return Native.floats(address, 1).get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
  }

  /// Sets the float32 at an address.
  public static void setFloat(long address, float value) {
    Native.floats(address, 1).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, value);
  }

  /// Sets the int32 at an address.
  static void setInt(long address, int value) {
    Native.floats(address, 1).set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
  }
}
