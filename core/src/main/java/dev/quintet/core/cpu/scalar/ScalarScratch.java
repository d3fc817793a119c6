package dev.quintet.core.cpu.scalar;

import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The heap arrays that a thread's scalar kernels work in.
///
/// The compiler vectorises plain loops over `float[]` and not over off-heap memory, so operands are
/// copied here in chunks of some thousand elements, worked on, and copied back. Each operand of a
/// kernel has an array of its own, told apart by a small number; contents are undefined.
public final class ScalarScratch {
  /// Elements of a chunk: four operands fill a first-level cache of 32 KiB.
  static final int CHUNK = 2048;

  /// The array that [ScalarMath#exp] works in.
  static final int EXPONENTS = 12;

  private static final ThreadLocal<ScalarScratch> MINE =
      ThreadLocal.withInitial(ScalarScratch::new);

  private final float[][] floats = new float[EXPONENTS + 1][0];
  private final float[][][] tables = new float[6][0][0];
  private double[] doubles = {};
  private int[] ints = {};
  private byte[] bytes = {};

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

  /// Array number `operand`, with at least `count` elements.
  static float[] floats(int operand, int count) {
    float[][] all = MINE.get().floats;
    if (all[operand].length < count) {
      all[operand] = new float[Math.max(count, CHUNK)];
    }
    return all[operand];
  }

  /// Table number `table`: at least `rows` arrays of at least `width` elements.
  ///
  /// The compiler vectorises a loop over several arrays, and does not over several rows of one: there it
  /// cannot know that they do not overlap.
  public static float[][] rows(int table, int rows, int width) {
    float[][][] all = MINE.get().tables;
    float[][] has = all[table];
    if (has.length < rows || (rows > 0 && has[0].length < width)) {
      int wide = has.length == 0 ? width : Math.max(width, has[0].length);
      all[table] = new float[Math.max(rows, has.length)][wide];
    }
    return all[table];
  }

  /// Array number `operand`, with `count` elements from an address.
  public static float[] load(int operand, long address, int count) {
    float[] array = floats(operand, count);
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

  /// An array of at least `count` float64.
  static double[] doubles(int count) {
    ScalarScratch own = MINE.get();
    if (own.doubles.length < count) {
      own.doubles = new double[Math.max(count, CHUNK)];
    }
    return own.doubles;
  }

  /// An array of at least `count` integers.
  static int[] ints(int count) {
    ScalarScratch own = MINE.get();
    if (own.ints.length < count) {
      own.ints = new int[Math.max(count, CHUNK)];
    }
    return own.ints;
  }

  /// The array of integers, with `count` elements from an address.
  static int[] loadInts(long address, int count) {
    int[] array = ints(count);
    MemorySegment.copy(
        Native.floats(address, count), ValueLayout.JAVA_INT_UNALIGNED, 0, array, 0, count);
    return array;
  }

  /// Copies the first `count` integers to an address.
  public static void store(int[] from, long address, int count) {
    MemorySegment.copy(
        from, 0, Native.floats(address, count), ValueLayout.JAVA_INT_UNALIGNED, 0, count);
  }

  /// An array of at least `count` bytes.
  static byte[] bytes(int count) {
    ScalarScratch own = MINE.get();
    if (own.bytes.length < count) {
      own.bytes = new byte[Math.max(count, CHUNK)];
    }
    return own.bytes;
  }

  /// The array of bytes, with `count` elements from an address.
  static byte[] loadBytes(long address, int count) {
    byte[] array = bytes(count);
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
