package dev.quintet.core.cpu.lane;

/// Heap arrays that a thread keeps for the row kernels, so that they allocate nothing once warm.
///
/// `part` arrays belong to one part at a time; `call` arrays to the thread that cuts a kernel into
/// parts and adds up their results. Contents are undefined.
public final class RowScratch {
  private static final ThreadLocal<RowScratch> OWN = ThreadLocal.withInitial(RowScratch::new);

  private float[] partFloats = {};
  private double[] partDoubles = {};
  private float[] callFloats = {};
  private double[] callDoubles = {};
  private int[] ints = {};
  private long[] longs = {};

  private RowScratch() {}

  /// At least `count` floats for a part.
  public static float[] partFloats(int count) {
    RowScratch own = OWN.get();
    if (own.partFloats.length < count) {
      own.partFloats = new float[count];
    }
    return own.partFloats;
  }

  /// At least `count` doubles for a part.
  static double[] partDoubles(int count) {
    RowScratch own = OWN.get();
    if (own.partDoubles.length < count) {
      own.partDoubles = new double[count];
    }
    return own.partDoubles;
  }

  /// At least `count` ints for a part.
  public static int[] partInts(int count) {
    RowScratch own = OWN.get();
    if (own.ints.length < count) {
      own.ints = new int[count];
    }
    return own.ints;
  }

  /// At least `count` longs for a part.
  public static long[] partLongs(int count) {
    RowScratch own = OWN.get();
    if (own.longs.length < count) {
      own.longs = new long[count];
    }
    return own.longs;
  }

  /// At least `count` floats for the results of parts.
  public static float[] callFloats(int count) {
    RowScratch own = OWN.get();
    if (own.callFloats.length < count) {
      own.callFloats = new float[count];
    }
    return own.callFloats;
  }

  /// At least `count` doubles for the results of parts.
  public static double[] callDoubles(int count) {
    RowScratch own = OWN.get();
    if (own.callDoubles.length < count) {
      own.callDoubles = new double[count];
    }
    return own.callDoubles;
  }
}
