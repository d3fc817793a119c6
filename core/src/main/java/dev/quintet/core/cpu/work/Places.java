package dev.quintet.core.cpu.work;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.backend.DropoutCall;

/// Where the rows of a dropout stand in their batch.
public final class Places {
  private Places() {}

  /// The row of the batch that row `row` of the call is, or is in.
  public static long row(DropoutCall call, long row) {
    long places = call.mask().places();
    return places == 0 ? row : read(places, 2 * row);
  }

  /// The number in its row of the batch that the first element of row `row` of the call has.
  public static long element(DropoutCall call, long row) {
    long places = call.mask().places();
    return places == 0 ? 0 : read(places, 2 * row + 1) * call.width();
  }

  private static int read(long places, long index) {
    return Native.floats(Native.at(places, index), 1).get(JAVA_INT_UNALIGNED, 0);
  }
}
