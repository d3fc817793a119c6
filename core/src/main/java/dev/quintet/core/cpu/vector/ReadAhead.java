package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;

import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Reads weights into the second-level cache before they are multiplied.
///
/// Among the many instructions of a product a processor sees too little of what comes next to keep memory busy. Reading
/// first and then multiplying out of the cache takes two thirds of the time for eight rows of float32, and four fifths for
/// one row of bfloat16; a seventh of that is owed to reading four streams side by side, and much at a time (AMD EPYC of
/// family 26, two threads).
final class ReadAhead {
  /// Bytes that are read at a time: a quarter of the second-level cache.
  static final int BYTES = 1 << 18;

  private ReadAhead() {}

  /// Reads memory and forgets it.
  ///
  /// @param sums receive at `at` a vector that nobody needs, so that the compiler reads
  static void touch(long address, long bytes, float[] sums, int at) {
    int quarter = (int) (bytes / (32 * N)) * 2 * N;
    MemorySegment from = Native.floats(address, 4L * quarter);
    long step = 4L * quarter;
    FloatVector s = FloatVector.zero(F);
    FloatVector t = s;
    FloatVector u = s;
    FloatVector v = s;
    for (int i = 0; i < quarter; i += 2 * N) {
      long o = 4L * i;
      s = s.add(FloatVector.fromMemorySegment(F, from, o, ORDER));
      t = t.add(FloatVector.fromMemorySegment(F, from, o + step, ORDER));
      u = u.add(FloatVector.fromMemorySegment(F, from, o + 2 * step, ORDER));
      v = v.add(FloatVector.fromMemorySegment(F, from, o + 3 * step, ORDER));
      o += 4 * N;
      s = s.add(FloatVector.fromMemorySegment(F, from, o, ORDER));
      t = t.add(FloatVector.fromMemorySegment(F, from, o + step, ORDER));
      u = u.add(FloatVector.fromMemorySegment(F, from, o + 2 * step, ORDER));
      v = v.add(FloatVector.fromMemorySegment(F, from, o + 3 * step, ORDER));
    }
    s.add(t).add(u.add(v)).intoArray(sums, at);
  }
}
