package dev.quintet.core.cpu.lane;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Reads the indices of gathers, and checks them all before any memory is touched through one.
public final class Indices {
  private Indices() {}

  /// The index of row `row` of y, counted over all outer parts; not for elementwise gathers.
  public static int of(Gather gather, long index, long row) {
    long entry = gather.shared() ? row % gather.count() : row;
    return Native.floats(Native.at(index, entry), 1).get(JAVA_INT_UNALIGNED, 0);
  }

  /// Checks all indices.
  ///
  /// @throws IndexOutOfBoundsException naming the first index that is not in the table
  public static void check(String operation, Gather gather, long index) {
    long entries =
        gather.elementwise()
            ? gather.outer() * gather.count() * gather.inner()
            : gather.shared() ? gather.count() : gather.outer() * gather.count();
    check(operation, index, entries, gather.axis());
  }

  private static void check(String operation, long index, long entries, int size) {
    MemorySegment places = Native.floats(index, entries);
    // The sign bit of i | (size - 1 - i) is set where i is negative or too large.
    IntVector wrong = IntVector.zero(Lanes.I);
    long i = 0;
    for (; i <= entries - Lanes.N; i += Lanes.N) {
      IntVector v = IntVector.fromMemorySegment(Lanes.I, places, i << 2, Lanes.ORDER);
      wrong = wrong.or(v.or(v.neg().add(size - 1)));
    }
    boolean bad = wrong.compare(VectorOperators.LT, 0).anyTrue();
    for (; i < entries; i++) {
      int v = places.getAtIndex(JAVA_INT_UNALIGNED, i);
      bad |= v < 0 || v >= size;
    }
    if (bad) {
      throw outOfBounds(operation, places, entries, size);
    }
  }

  private static IndexOutOfBoundsException outOfBounds(
      String operation, MemorySegment places, long entries, int size) {
    for (long i = 0; i < entries; i++) {
      int v = places.getAtIndex(JAVA_INT_UNALIGNED, i);
      if (v < 0 || v >= size) {
        return new IndexOutOfBoundsException(
            operation
                + ": index "
                + v
                + " at position "
                + i
                + " is outside a table of "
                + size
                + " rows");
      }
    }
    throw new AssertionError("an index was found out of bounds and then was not");
  }
}
