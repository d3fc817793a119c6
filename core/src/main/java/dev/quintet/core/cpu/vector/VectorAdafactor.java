package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.all;
import static dev.quintet.core.cpu.lane.Lanes.first;
import static dev.quintet.core.cpu.lane.Lanes.load;
import static dev.quintet.core.cpu.lane.Lanes.store;

import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.RowMath;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.work.AdafactorLoops;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The loops of Adafactor on vectors; the last vector of a row is masked.
public final class VectorAdafactor implements AdafactorLoops {
  /// Elements that are summed in float32 before the sum goes on in float64.
  private static final int CHUNK = 4096;

  @Override
  public double squares(long x, int n) {
    return RowMath.squares(x, n);
  }

  @Override
  public void addSquares(long from, float[] sums, int n) {
    MemorySegment x = Native.floats(from, n);
    int whole = Tails.whole(n);
    for (int i = 0; i < whole; i += Lanes.N) {
      FloatVector v = load(x, i);
      v.fma(v, FloatVector.fromArray(Lanes.F, sums, i)).intoArray(sums, i);
    }
    if (whole < n) {
      VectorMask<Float> rest = first(n - whole);
      FloatVector v = load(x, whole, rest);
      v.fma(v, FloatVector.fromArray(Lanes.F, sums, whole, rest)).intoArray(sums, whole, rest);
    }
  }

  @Override
  public double weightedSquares(long from, float[] c, int n) {
    double total = 0;
    for (int start = 0; start < n; start += CHUNK) {
      total += weightedChunk(Native.at(from, start), c, start, Math.min(CHUNK, n - start));
    }
    return total;
  }

  private static float weightedChunk(long from, float[] c, int at, int n) {
    MemorySegment x = Native.floats(from, n);
    int whole = Tails.whole(n);
    FloatVector sum = Lanes.zero();
    for (int i = 0; i < whole; i += Lanes.N) {
      FloatVector v = load(x, i).mul(FloatVector.fromArray(Lanes.F, c, at + i));
      sum = v.fma(v, sum);
    }
    if (whole < n) {
      VectorMask<Float> rest = first(n - whole);
      FloatVector v = load(x, whole, rest).mul(FloatVector.fromArray(Lanes.F, c, at + whole, rest));
      sum = v.fma(v, sum);
    }
    return Lanes.sum(sum);
  }

  @Override
  public void step(Move move, float factor, long p, long g, float[] c, long m, int n) {
    if (m == 0) {
      plain(move.keep(), factor, p, g, c, n);
    } else {
      averaged(move, factor, p, g, c, m, n);
    }
  }

  private static void plain(float kept, float factor, long toP, long fromG, float[] c, int n) {
    MemorySegment p = Native.floats(toP, n);
    MemorySegment g = Native.floats(fromG, n);
    FloatVector keep = all(kept);
    FloatVector by = all(-factor);
    int whole = Tails.whole(n);
    for (int i = 0; i < whole; i += Lanes.N) {
      FloatVector u = load(g, i).mul(FloatVector.fromArray(Lanes.F, c, i));
      store(u.fma(by, load(p, i).mul(keep)), p, i);
    }
    if (whole < n) {
      VectorMask<Float> rest = first(n - whole);
      FloatVector u = load(g, whole, rest).mul(FloatVector.fromArray(Lanes.F, c, whole, rest));
      store(u.fma(by, load(p, whole, rest).mul(keep)), p, whole, rest);
    }
  }

  private static void averaged(
      Move move, float factor, long toP, long fromG, float[] c, long toM, int n) {
    MemorySegment p = Native.floats(toP, n);
    MemorySegment g = Native.floats(fromG, n);
    MemorySegment m = Native.floats(toM, n);
    FloatVector keep = all(move.keep());
    FloatVector beta = all(move.beta());
    FloatVector by = all(factor * move.rest());
    int whole = Tails.whole(n);
    for (int i = 0; i < whole; i += Lanes.N) {
      FloatVector u = load(g, i).mul(FloatVector.fromArray(Lanes.F, c, i));
      FloatVector a = u.fma(by, load(m, i).mul(beta));
      store(a, m, i);
      store(load(p, i).mul(keep).sub(a), p, i);
    }
    if (whole < n) {
      VectorMask<Float> rest = first(n - whole);
      FloatVector u = load(g, whole, rest).mul(FloatVector.fromArray(Lanes.F, c, whole, rest));
      FloatVector a = u.fma(by, load(m, whole, rest).mul(beta));
      store(a, m, whole, rest);
      store(load(p, whole, rest).mul(keep).sub(a), p, whole, rest);
    }
  }

  @Override
  public double second(float beta, float rest, float scale, float epsilon, long g, long v, int n) {
    double total = 0;
    for (int start = 0; start < n; start += CHUNK) {
      total +=
          secondChunk(
              beta,
              rest,
              scale,
              epsilon,
              Native.at(g, start),
              Native.at(v, start),
              Math.min(CHUNK, n - start));
    }
    return total;
  }

  private static float secondChunk(
      float beta, float share, float scale, float epsilon, long fromG, long toV, int n) {
    MemorySegment g = Native.floats(fromG, n);
    MemorySegment v = Native.floats(toV, n);
    FloatVector sum = Lanes.zero();
    int whole = Tails.whole(n);
    for (int i = 0; i < whole; i += Lanes.N) {
      FloatVector d = load(g, i).mul(scale);
      FloatVector b = d.mul(d).add(epsilon).mul(share).add(load(v, i).mul(beta));
      store(b, v, i);
      FloatVector u = d.div(b.sqrt());
      sum = u.fma(u, sum);
    }
    if (whole < n) {
      VectorMask<Float> rest = first(n - whole);
      FloatVector d = load(g, whole, rest).mul(scale);
      FloatVector b = d.mul(d).add(epsilon).mul(share).add(load(v, whole, rest).mul(beta));
      store(b, v, whole, rest);
      FloatVector u = d.div(b.sqrt()); // beyond the row 0 / sqrt(epsilon)
      sum = sum.add(u.mul(u), rest);
    }
    return Lanes.sum(sum);
  }

  @Override
  public void stepWhole(
      Move move, float factor, long toP, long fromG, long fromV, long toM, int n) {
    MemorySegment p = Native.floats(toP, n);
    MemorySegment g = Native.floats(fromG, n);
    MemorySegment v = Native.floats(fromV, n);
    MemorySegment m = Native.floats(toM == 0 ? fromG : toM, n);
    boolean averaged = toM != 0;
    float beta = averaged ? move.beta() : 0;
    float by = averaged ? factor * move.rest() : factor;
    for (int i = 0; i < n; i += Lanes.N) {
      VectorMask<Float> in = first(Math.min(Lanes.N, n - i));
      FloatVector u = load(g, i, in).div(load(v, i, in).sqrt());
      FloatVector a = u.mul(by);
      if (averaged) {
        a = a.add(load(m, i, in).mul(beta));
        store(a, m, i, in);
      }
      store(load(p, i, in).mul(move.keep()).sub(a), p, i, in);
    }
  }
}
