package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.I;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;

import dev.quintet.core.cpu.lane.Apart;
import dev.quintet.core.cpu.lane.DropoutLanes;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.VectorMath;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// What attention does to one row of scores, in a heap array: bias, masks, softmax and its gradient.
///
/// `limit` is how many keys the row sees; up to `padded`, a multiple of the lanes, the rest of the row becomes 0, because
/// the products that follow read whole vectors.
public final class AttentionRows {
  private static final Apart EXPONENTIALS = Apart.ofRow(MethodHandles.lookup(), "expLoop");
  private static final Apart GRADIENTS = Apart.ofRow(MethodHandles.lookup(), "gradientLoop");
  private static final Apart DROPPED = Apart.ofRow(MethodHandles.lookup(), "droppedLoop");
  private static final float[] NO_FLOATS = {};
  private static final int[] NO_INTS = {};

  private AttentionRows() {}

  /// Adds bias and masks to scores.
  ///
  /// @param s scores of one row from `at` on
  /// @param bias address of the row's bias, or 0
  /// @param hidden 0 or negative infinity for each key, when `masked`
  /// @return the largest score
  public static float bias(
      float[] s, int at, int limit, long bias, float[] hidden, boolean masked) {
    FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    MemorySegment b = Native.floats(bias, bias == 0 ? 0 : limit);
    int j = 0;
    if (bias == 0 && !masked) {
      for (; j <= limit - N; j += N) {
        FloatVector x = FloatVector.fromArray(F, s, at + j);
        most = most.blend(x, x.compare(VectorOperators.GT, most));
      }
    } else if (!masked) {
      for (; j <= limit - N; j += N) {
        FloatVector x =
            FloatVector.fromArray(F, s, at + j)
                .add(FloatVector.fromMemorySegment(F, b, 4L * j, ORDER));
        x.intoArray(s, at + j);
        most = most.blend(x, x.compare(VectorOperators.GT, most));
      }
    } else {
      for (; j <= limit - N; j += N) {
        FloatVector x =
            FloatVector.fromArray(F, s, at + j).add(FloatVector.fromArray(F, hidden, j));
        if (bias != 0) {
          x = x.add(FloatVector.fromMemorySegment(F, b, 4L * j, ORDER));
        }
        x.intoArray(s, at + j);
        most = most.blend(x, x.compare(VectorOperators.GT, most));
      }
    }
    if (j < limit) {
      VectorMask<Float> mask = Lanes.first(limit - j);
      FloatVector x = FloatVector.fromArray(F, s, at + j);
      if (bias != 0) {
        x = x.add(FloatVector.fromMemorySegment(F, b, 4L * j, ORDER, mask));
      }
      if (masked) {
        x = x.add(FloatVector.fromArray(F, hidden, j));
      }
      x = x.blend(Float.NEGATIVE_INFINITY, mask.not());
      x.intoArray(s, at + j);
      most = most.blend(x, x.compare(VectorOperators.GT, most));
    }
    return Lanes.max(most);
  }

  /// s = e^(s - most) up to the limit, and 0 from there on.
  ///
  /// @return the sum
  public static float exponentials(float[] s, int at, int limit, int padded, float most) {
    int whole = (limit + N - 1) / N * N;
    float sum = EXPONENTIALS.run(s, NO_FLOATS, at, whole, most, 0, NO_INTS, 0);
    zero(s, at + whole, padded - whole);
    return sum;
  }

  private static float expLoop(
      float[] s, float[] unused, int at, int n, float most, float b, int[] kept, float scale) {
    FloatVector sum = FloatVector.zero(F);
    FloatVector m = FloatVector.broadcast(F, most);
    for (int j = 0; j < n; j += N) {
      FloatVector e = VectorMath.expBelow(FloatVector.fromArray(F, s, at + j).sub(m));
      e.intoArray(s, at + j);
      sum = sum.add(e);
    }
    return Lanes.sum(sum);
  }

  /// Drops elements.
  static void drop(float[] s, int at, int padded, int[] kept) {
    for (int j = 0; j < padded; j += N) {
      DropoutLanes.apply(FloatVector.fromArray(F, s, at + j), kept, j).intoArray(s, at + j);
    }
  }

  /// The same probability for each key.
  public static void uniform(float[] s, int at, int keys, int padded) {
    zero(s, at, padded);
    for (int j = 0; j < keys; j++) {
      s[at + j] = 1;
    }
  }

  /// From scores with bias and masks to probabilities p, and from their gradients dp to the gradients of the scores,
  /// p (dp - delta).
  ///
  /// @param logSumExp of the row
  /// @param delta the sum of p dp over the row
  static void gradients(
      float[] s, float[] dp, int at, int limit, int padded, float logSumExp, float delta) {
    int whole = (limit + N - 1) / N * N;
    float unused = GRADIENTS.run(s, dp, at, whole, logSumExp, delta, NO_INTS, 0);
    zero(s, at + whole, padded - whole);
    zero(dp, at + whole, padded - whole);
  }

  private static float gradientLoop(
      float[] s, float[] dp, int at, int n, float log, float delta, int[] kept, float scale) {
    FloatVector l = FloatVector.broadcast(F, log);
    FloatVector d = FloatVector.broadcast(F, delta);
    for (int j = 0; j < n; j += N) {
      FloatVector p = VectorMath.expBelow(FloatVector.fromArray(F, s, at + j).sub(l));
      p.intoArray(s, at + j);
      FloatVector.fromArray(F, dp, at + j).sub(d).mul(p).intoArray(dp, at + j);
    }
    return 0;
  }

  /// As the other, with dropout: of each p and dp what is kept is scaled, and p becomes what multiplied the values.
  static void gradients(
      float[] s,
      float[] dp,
      int at,
      int limit,
      int padded,
      float logSumExp,
      float delta,
      int[] kept,
      float scale) {
    int whole = (limit + N - 1) / N * N;
    float unused = DROPPED.run(s, dp, at, whole, logSumExp, delta, kept, scale);
    zero(s, at + whole, padded - whole);
    zero(dp, at + whole, padded - whole);
  }

  private static float droppedLoop(
      float[] s, float[] dp, int at, int n, float log, float delta, int[] kept, float scale) {
    FloatVector l = FloatVector.broadcast(F, log);
    FloatVector d = FloatVector.broadcast(F, delta);
    for (int j = 0; j < n; j += N) {
      FloatVector p = VectorMath.expBelow(FloatVector.fromArray(F, s, at + j).sub(l));
      IntVector keep = IntVector.fromArray(I, kept, j);
      p.mul(scale).reinterpretAsInts().and(keep).reinterpretAsFloats().intoArray(s, at + j);
      FloatVector g = FloatVector.fromArray(F, dp, at + j).mul(scale);
      g.reinterpretAsInts().and(keep).reinterpretAsFloats().sub(d).mul(p).intoArray(dp, at + j);
    }
    return 0;
  }

  /// Adds a row to native memory.
  static void addTo(float[] from, int at, int count, long to) {
    MemorySegment t = Native.floats(to, count);
    int j = 0;
    for (; j <= count - N; j += N) {
      FloatVector.fromMemorySegment(F, t, 4L * j, ORDER)
          .add(FloatVector.fromArray(F, from, at + j))
          .intoMemorySegment(t, 4L * j, ORDER);
    }
    if (j < count) {
      VectorMask<Float> mask = Lanes.first(count - j);
      FloatVector.fromMemorySegment(F, t, 4L * j, ORDER, mask)
          .add(FloatVector.fromArray(F, from, at + j, mask))
          .intoMemorySegment(t, 4L * j, ORDER, mask);
    }
  }

  /// The dot product of two rows of `count` elements.
  static float dot(long x, long y, int count) {
    MemorySegment xs = Native.floats(x, count);
    MemorySegment ys = Native.floats(y, count);
    FloatVector sum = FloatVector.zero(F);
    int j = 0;
    for (; j <= count - N; j += N) {
      sum =
          FloatVector.fromMemorySegment(F, xs, 4L * j, ORDER)
              .fma(FloatVector.fromMemorySegment(F, ys, 4L * j, ORDER), sum);
    }
    if (j < count) {
      VectorMask<Float> mask = F.indexInRange(0, count - j);
      sum =
          FloatVector.fromMemorySegment(F, xs, 4L * j, ORDER, mask)
              .fma(FloatVector.fromMemorySegment(F, ys, 4L * j, ORDER, mask), sum);
    }
    return Lanes.sum(sum);
  }

  /// to = most + log(sum), element by element.
  static void logSumExp(float[] most, float[] sum, int count, long to) {
    MemorySegment t = Native.floats(to, count);
    for (int j = 0; j < count; j += N) {
      VectorMask<Float> mask = Lanes.first(Math.min(N, count - j));
      FloatVector x = VectorMath.log(FloatVector.fromArray(F, sum, j, mask));
      FloatVector.fromArray(F, most, j, mask).add(x).intoMemorySegment(t, 4L * j, ORDER, mask);
    }
  }

  private static void zero(float[] s, int at, int count) {
    FloatVector none = FloatVector.zero(F);
    for (int j = 0; j < count; j += N) {
      none.intoArray(s, at + j);
    }
  }
}
