package dev.quintet.core.cpu.work;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The memory that a thread's kernels work in, grown to the most that was asked for and kept, so that they allocate
/// nothing once warm.
///
/// Memory of each type lies in rooms. A room holds one thing at a time, and at first anything: whoever asks for it
/// again gets the same memory.
public final class Workspace {
  // Rooms below these are the scalar kernels' operands, by number.

  /// The room of powers in a scalar exponential.
  public static final int EXPONENTS = 12;

  /// The room of one part at a time.
  public static final int PART = 13;

  /// The room of the thread that cuts a kernel into parts and adds up their results.
  public static final int CALL = 14;

  /// The room of a product's left operand, whose elements are read one by one.
  public static final int LEFT = 15;

  /// The room of a block of a product on its way out of the registers.
  public static final int BLOCK = 16;

  /// The room of what a transposition holds between its steps.
  public static final int TURNED = 17;

  /// Vectors for the ends of rows.
  public static final int TAILS = 5;

  private static final ThreadLocal<Workspace> MINE = ThreadLocal.withInitial(Workspace::new);

  private final MemorySegment ends = Arena.ofAuto().allocate(64L * TAILS, 64);
  private final long tails = ends.address();
  private final NativeRoom packed = new NativeRoom();
  private final float[][] floats = new float[TURNED + 1][0];
  private final double[][] doubles = new double[CALL + 1][0];
  private final float[][][] tables = new float[6][0][0];
  private int[] ints = {};
  private long[] longs = {};
  private byte[] bytes = {};

  private Workspace() {}

  /// At least `count` float32.
  public static float[] floats(int room, int count) {
    float[][] rooms = MINE.get().floats;
    if (rooms[room].length < count) {
      rooms[room] = new float[Math.max(count, 2 * rooms[room].length)];
    }
    return rooms[room];
  }

  /// At least `count` float64.
  public static double[] doubles(int room, int count) {
    double[][] rooms = MINE.get().doubles;
    if (rooms[room].length < count) {
      rooms[room] = new double[Math.max(count, 2 * rooms[room].length)];
    }
    return rooms[room];
  }

  /// At least `count` int32.
  public static int[] ints(int count) {
    Workspace mine = MINE.get();
    if (mine.ints.length < count) {
      mine.ints = new int[count];
    }
    return mine.ints;
  }

  /// At least `count` int64.
  public static long[] longs(int count) {
    Workspace mine = MINE.get();
    if (mine.longs.length < count) {
      mine.longs = new long[count];
    }
    return mine.longs;
  }

  /// At least `count` bytes.
  public static byte[] bytes(int count) {
    Workspace mine = MINE.get();
    if (mine.bytes.length < count) {
      mine.bytes = new byte[count];
    }
    return mine.bytes;
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

  /// The address of `count` float32 for a packed operand that other threads may read.
  public static long packed(long count) {
    return MINE.get().packed.floats(count);
  }

  /// The address of a vector for the end of a row, one of [#TAILS].
  public static long tail(int slot) {
    return MINE.get().tails + 64L * slot;
  }
}
