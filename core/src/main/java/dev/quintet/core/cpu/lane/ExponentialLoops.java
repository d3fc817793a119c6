package dev.quintet.core.cpu.lane;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;
import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.zero;

import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/// The loops of softmax and cross entropy over whole vectors of one row, each compiled [Apart].
///
/// What follows the exponential is written with the Vector API's own methods: those are inlined beyond any limit.
public final class ExponentialLoops {
  private static final Apart SUM = Apart.of(MethodHandles.lookup(), "sumLoop");
  private static final Apart VALUES = Apart.of(MethodHandles.lookup(), "valuesLoop");
  private static final Apart LOSS = Apart.of(MethodHandles.lookup(), "lossLoop");
  private static final Apart LOG = Apart.of(MethodHandles.lookup(), "logLoop");

  private ExponentialLoops() {}

  /// The sum of e^(x - max), where no x is above max.
  static float sum(float max, int n, long x) {
    return SUM.run(max, 0, 0, n, x, 0, 0, false);
  }

  /// y = e^(x - max), and its sum.
  public static float values(float max, int n, long x, long y) {
    return VALUES.run(max, 0, 0, n, x, 0, y, false);
  }

  /// d = g e^(z - log) - even, stored or added.
  public static void loss(float log, float g, float even, int n, long z, long d, boolean add) {
    float unused = LOSS.run(log, g, even, n, z, 0, d, add);
  }

  /// dx = dy - e^y sum, stored or added.
  public static void logSoftmax(float sum, int n, long y, long dy, long dx, boolean add) {
    float unused = LOG.run(sum, 0, 0, n, y, dy, dx, add);
  }

  private static float sumLoop(
      float max, float b, float c, int n, long from, long y, long z, boolean add) {
    MemorySegment x = Native.floats(from, n);
    FloatVector largest = all(max);
    FloatVector sum = zero();
    for (int i = 0; i < n; i += Lanes.N) {
      sum = sum.add(VectorMath.expBelow(load(x, i).sub(largest)));
    }
    return Lanes.sum(sum);
  }

  private static float valuesLoop(
      float max, float b, float c, int n, long from, long unused, long to, boolean add) {
    MemorySegment x = Native.floats(from, n);
    MemorySegment y = Native.floats(to, n);
    FloatVector largest = all(max);
    FloatVector sum = zero();
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector e = VectorMath.expBelow(load(x, i).sub(largest));
      e.intoMemorySegment(y, i * 4L, ORDER);
      sum = sum.add(e);
    }
    return Lanes.sum(sum);
  }

  private static float lossLoop(
      float log, float g, float even, int n, long logits, long unused, long to, boolean add) {
    MemorySegment z = Native.floats(logits, n);
    MemorySegment d = Native.floats(to, n);
    FloatVector logs = all(log);
    FloatVector factor = all(g);
    FloatVector minus = all(-even);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector p = VectorMath.expBelow(load(z, i).sub(logs)).fma(factor, minus);
      if (add) {
        p = p.add(FloatVector.fromMemorySegment(F, d, i * 4L, ORDER));
      }
      p.intoMemorySegment(d, i * 4L, ORDER);
    }
    return 0;
  }

  private static float logLoop(
      float sum, float b, float c, int n, long values, long gradient, long to, boolean add) {
    MemorySegment y = Native.floats(values, n);
    MemorySegment dy = Native.floats(gradient, n);
    MemorySegment dx = Native.floats(to, n);
    FloatVector minus = all(-sum);
    for (int i = 0; i < n; i += Lanes.N) {
      FloatVector g = load(dy, i);
      g = VectorMath.expBelow(load(y, i)).fma(minus, g);
      if (add) {
        g = g.add(FloatVector.fromMemorySegment(F, dx, i * 4L, ORDER));
      }
      g.intoMemorySegment(dx, i * 4L, ORDER);
    }
    return 0;
  }
}
