package dev.quintet.core.cpu.lane;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;

/// Whole vectors for what is left at the end of a row, so that loops see whole vectors only.
///
/// A masked second copy of a loop's body would serve too, but costs the compiler more than the loop itself: beyond
/// 18,000 nodes it stops inlining, and every vector that meets a call it did not inline is
/// allocated on the heap, ten to a hundred times slower. For the same reason only numbers pass between
/// methods that hold a loop, never vectors or segments.
public final class Tails {
  private Tails() {}

  /// The number of the first `n` elements that fill whole vectors.
  public static int whole(int n) {
    return n & -Lanes.N;
  }

  /// The address of one of the thread's five vectors, with any contents.
  public static long slot(int slot) {
    return Workspace.tail(slot);
  }

  /// Copies the last elements of a row, those that [#whole] leaves, to a vector whose other lanes become `neutral`.
  ///
  /// @param n elements of the whole row
  public static long in(int slot, long row, int n, float neutral) {
    int whole = whole(n);
    long address = slot(slot);
    MemorySegment from = Native.floats(Native.at(row, whole), n - whole);
    MemorySegment to = Native.floats(address, Lanes.N);
    for (int i = 0; i < Lanes.N; i++) {
      float value = i < n - whole ? from.getAtIndex(JAVA_FLOAT_UNALIGNED, i) : neutral;
      to.setAtIndex(JAVA_FLOAT_UNALIGNED, i, value);
    }
    return address;
  }

  /// As [#in(int, long, int, float)], with zeros.
  public static long in(int slot, long row, int n) {
    return in(slot, row, n, 0);
  }

  /// Copies a vector's first lanes to the last elements of a row of `n`.
  public static void out(int slot, long row, int n) {
    int whole = whole(n);
    MemorySegment from = Native.floats(slot(slot), Lanes.N);
    MemorySegment to = Native.floats(Native.at(row, whole), n - whole);
    for (int i = 0; i < n - whole; i++) {
      to.setAtIndex(JAVA_FLOAT_UNALIGNED, i, from.getAtIndex(JAVA_FLOAT_UNALIGNED, i));
    }
  }
}
