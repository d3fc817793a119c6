package dev.quintet.core.cpu.decode;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Which of an input's source tokens are seen.
///
/// @param last behind the last one that is; all if none is
/// @param none whether none is
/// @param masked whether some before the last are not
/// @param hidden 0 or negative infinity for each of them, in whole panels
record Shown(int last, boolean none, boolean masked, float[] hidden) {

  /// Reads a row of a mask.
  static Shown of(long mask, int count) {
    MemorySegment from = Native.floats(mask, count);
    float[] hidden = new float[KeyPanels.padded(count)];
    Arrays.fill(hidden, Float.NEGATIVE_INFINITY);
    int shown = 0;
    int last = 0;
    for (int j = 0; j < count; j++) {
      if (from.getAtIndex(JAVA_INT_UNALIGNED, j) != 0) {
        hidden[j] = 0;
        shown++;
        last = j + 1;
      }
    }
    return shown == 0
        ? new Shown(count, true, false, hidden)
        : new Shown(last, false, shown < last, hidden);
  }
}
