package dev.quintet.core.cpu.decode;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quintet.core.cpu.vector.Packing;
import dev.quintet.core.cpu.vector.RegisterBlock;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Keys of each row's heads in panels of [#KEYS] keys, in which their first elements stand side by side, then their second
/// ones: as attention packs them for each call, but kept from token to token.
///
/// @param address of the first row's
/// @param heads H
/// @param width K
/// @param room keys that a row has room for, a multiple of [#KEYS]
record KeyPanels(long address, int heads, int width, int room) {
  /// Keys of a panel.
  static final int KEYS = RegisterBlock.COLUMNS;

  static KeyPanels in(Room room, int rows, int heads, int width, int keys) {
    int padded = padded(keys);
    return new KeyPanels(room.floats((long) rows * heads * width * padded), heads, width, padded);
  }

  /// Keys with those that fill up the last panel.
  static int padded(int keys) {
    return (keys + KEYS - 1) / KEYS * KEYS;
  }

  /// The panels of a head of a row.
  long at(int row, int head) {
    return Native.at(address, ((long) row * heads + head) * width * room);
  }

  /// Takes over a row's keys of a head.
  ///
  /// @param keys address of the head's part of the row's first key; a key has H K elements
  /// @param count how many
  void take(int row, int head, long keys, int count) {
    if (count > 0) {
      Packing.transposed(keys, heads * width, width, count, at(row, head));
    }
  }

  /// Takes over one key.
  void put(int row, int head, long key, int position) {
    MemorySegment from = Native.floats(key, width);
    long panel = Native.at(at(row, head), (long) (position / KEYS) * KEYS * width);
    MemorySegment to = Native.floats(panel, (long) KEYS * width);
    int lane = position % KEYS;
    for (int i = 0; i < width; i++) {
      to.setAtIndex(JAVA_FLOAT, (long) i * KEYS + lane, from.getAtIndex(JAVA_FLOAT, i));
    }
  }

  /// The dot products of a query and the keys of one panel or of two neighbours, summed as [RegisterBlock] sums.
  static void score(float[] query, int width, long panel, boolean two, float[] to, int at) {
    if (two) {
      pair(query, width, panel, to, at);
    } else {
      single(query, width, panel, to, at);
    }
  }

  private static void single(float[] query, int width, long panel, float[] to, int at) {
    MemorySegment keys = Native.floats(panel, (long) KEYS * width);
    FloatVector s = FloatVector.zero(F);
    FloatVector t = s;
    for (int k = 0; k < width; k++) {
      FloatVector x = FloatVector.broadcast(F, query[k]);
      long o = 8L * N * k;
      s = x.fma(FloatVector.fromMemorySegment(F, keys, o, ORDER), s);
      t = x.fma(FloatVector.fromMemorySegment(F, keys, o + 4 * N, ORDER), t);
    }
    s.intoArray(to, at);
    t.intoArray(to, at + N);
  }

  private static void pair(float[] query, int width, long panel, float[] to, int at) {
    MemorySegment keys = Native.floats(panel, (long) KEYS * width);
    MemorySegment next = Native.floats(Native.at(panel, (long) KEYS * width), (long) KEYS * width);
    FloatVector s = FloatVector.zero(F);
    FloatVector t = s;
    FloatVector u = s;
    FloatVector v = s;
    for (int k = 0; k < width; k++) {
      FloatVector x = FloatVector.broadcast(F, query[k]);
      long o = 8L * N * k;
      s = x.fma(FloatVector.fromMemorySegment(F, keys, o, ORDER), s);
      t = x.fma(FloatVector.fromMemorySegment(F, keys, o + 4 * N, ORDER), t);
      u = x.fma(FloatVector.fromMemorySegment(F, next, o, ORDER), u);
      v = x.fma(FloatVector.fromMemorySegment(F, next, o + 4 * N, ORDER), v);
    }
    s.intoArray(to, at);
    t.intoArray(to, at + N);
    u.intoArray(to, at + 2 * N);
    v.intoArray(to, at + 3 * N);
  }
}
