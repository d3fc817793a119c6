package dev.quintet.core.cpu.lane;

import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.store;

import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The loops z = f(x, y) over whole vectors of one line of a broadcast, one method a function and form.
///
/// An operand that does not change along the line comes as a number.
public final class BinaryLoops {
  private BinaryLoops() {}

  /// x + y
  public static void add(long left, long right, long to, int n) {
    MemorySegment x = Native.floats(left, n);
    MemorySegment y = Native.floats(right, n);
    MemorySegment z = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).add(load(y, i)), z, i);
    }
  }

  /// x - y
  public static void subtract(long left, long right, long to, int n) {
    MemorySegment x = Native.floats(left, n);
    MemorySegment y = Native.floats(right, n);
    MemorySegment z = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).sub(load(y, i)), z, i);
    }
  }

  /// x y
  public static void multiply(long left, long right, long to, int n) {
    MemorySegment x = Native.floats(left, n);
    MemorySegment y = Native.floats(right, n);
    MemorySegment z = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).mul(load(y, i)), z, i);
    }
  }

  /// x / y
  public static void divide(long left, long right, long to, int n) {
    MemorySegment x = Native.floats(left, n);
    MemorySegment y = Native.floats(right, n);
    MemorySegment z = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).div(load(y, i)), z, i);
    }
  }

  /// the larger
  public static void maximum(long left, long right, long to, int n) {
    MemorySegment x = Native.floats(left, n);
    MemorySegment y = Native.floats(right, n);
    MemorySegment z = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).max(load(y, i)), z, i);
    }
  }

  /// the smaller
  public static void minimum(long left, long right, long to, int n) {
    MemorySegment x = Native.floats(left, n);
    MemorySegment y = Native.floats(right, n);
    MemorySegment z = Native.floats(to, n);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).min(load(y, i)), z, i);
    }
  }

  /// x / p
  public static void divideBy(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment z = Native.floats(to, n);
    FloatVector by = all(p);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).div(by), z, i);
    }
  }

  /// p - x
  public static void subtractFrom(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment z = Native.floats(to, n);
    FloatVector by = all(p);
    for (int i = 0; i < n; i += Lanes.N) {
      store(by.sub(load(x, i)), z, i);
    }
  }

  /// p / x
  public static void divided(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment z = Native.floats(to, n);
    FloatVector by = all(p);
    for (int i = 0; i < n; i += Lanes.N) {
      store(by.div(load(x, i)), z, i);
    }
  }

  /// y + p x
  public static void addScaled(float p, long from, long to, int n) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    FloatVector by = all(p);
    for (int i = 0; i < n; i += Lanes.N) {
      store(load(x, i).fma(by, load(y, i)), y, i);
    }
  }
}
