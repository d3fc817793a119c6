package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.backend.LayoutKernels;
import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.cpu.lane.CastLoops;
import dev.quintet.core.cpu.lane.Indices;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.scalar.ScalarLayout;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Copies, fills, casts, gathers and scatters; strided copies are in [StridedLoops], casts in [CastLoops].
public final class VectorLayout implements LayoutKernels {
  /// Columns of a scattered row that belong to one part.
  private static final int COLUMNS = 128;

  private final LayoutKernels scalar = new ScalarLayout();
  private final EarlyForms early;

  /// The kernels that take their early forms so far.
  public VectorLayout(EarlyForms early) {
    this.early = early;
  }

  @Override
  public void copy(StridedCopy copy, int elementBytes, long source, long target) {
    StridedLoops.copy(copy, elementBytes, source, target);
  }

  @Override
  public void fill(float value, long target, long count) {
    if (early.take(count < EarlyForms.WIDE, count)) {
      scalar.fill(value, target, count);
      return;
    }
    Cuts.elements(count, (from, n) -> fill(value, at(target, from), n));
  }

  /// Sets `n` elements.
  static void fill(float value, long target, int n) {
    int whole = Tails.whole(n);
    fillLoop(value, target, whole);
    if (whole < n) {
      fillLoop(value, Tails.slot(0), Lanes.N);
      Tails.out(0, target, n);
    }
  }

  private static void fillLoop(float value, long target, int n) {
    MemorySegment y = Native.floats(target, n);
    FloatVector v = Lanes.all(value);
    for (int i = 0; i < n; i += Lanes.N) {
      Lanes.store(v, y, i);
    }
  }

  @Override
  public void cast(DType from, DType to, long source, long target, long count) {
    if (from == DType.F32 && to == DType.BF16) {
      Cuts.elements(
          count, (first, n) -> CastLoops.narrow(at(source, first), target + 2 * first, n));
    } else if (from == DType.BF16 && to == DType.F32) {
      Cuts.elements(count, (first, n) -> CastLoops.widen(source + 2 * first, at(target, first), n));
    } else {
      scalar.cast(from, to, source, target, count);
    }
  }

  @Override
  public void gather(Gather gather, long x, long index, long y) {
    if (plain(gather)) {
      scalar.gather(gather, x, index, y);
      return;
    }
    Indices.check("gather", gather, index);
    long inner = gather.inner();
    Cuts.items(
        gather.outer() * gather.count(),
        inner,
        (from, n) -> {
          for (long row = from; row < from + n; row++) {
            long table = row / gather.count() * gather.axis() * inner;
            if (gather.elementwise()) {
              gatherElements(at(x, table), gather, at(index, row * inner), at(y, row * inner));
            } else {
              int place = Indices.of(gather, index, row);
              StridedLoops.run(at(x, table + place * inner), at(y, row * inner), inner);
            }
          }
        });
  }

  /// Whether plain Java does it: so far, for narrow rows, and for what is not float32.
  private boolean plain(Gather gather) {
    return gather.type() != DType.F32
        || early.take(gather.inner() < EarlyForms.WIDE, gather.count() * gather.inner());
  }

  private static void gatherElements(long table, Gather gather, long index, long to) {
    long inner = gather.inner();
    MemorySegment x = Native.floats(table, gather.axis() * inner);
    MemorySegment places = Native.floats(index, inner);
    MemorySegment y = Native.floats(to, inner);
    for (long j = 0; j < inner; j++) {
      int place = places.getAtIndex(JAVA_INT_UNALIGNED, j);
      y.setAtIndex(JAVA_INT_UNALIGNED, j, x.getAtIndex(JAVA_INT_UNALIGNED, place * inner + j));
    }
  }

  /// Each part owns some columns of one outer part and adds their rows in order.
  @Override
  public void scatterAdd(Gather gather, long y, long index, long x) {
    if (plain(gather)) {
      scalar.scatterAdd(gather, y, index, x);
      return;
    }
    Indices.check("scatterAdd", gather, index);
    long inner = gather.inner();
    long blocks = (inner + COLUMNS - 1) / COLUMNS;
    Cuts.items(
        gather.outer() * blocks,
        gather.count() * Math.min(inner, COLUMNS),
        (from, n) -> {
          for (long item = from; item < from + n; item++) {
            long outer = item / blocks;
            long column = item % blocks * COLUMNS;
            int columns = (int) Math.min(COLUMNS, inner - column);
            scatter(gather, outer, column, columns, y, index, x);
          }
        });
  }

  private static void scatter(
      Gather gather, long outer, long column, int columns, long y, long index, long x) {
    long inner = gather.inner();
    long table = outer * gather.axis() * inner + column;
    for (int i = 0; i < gather.count(); i++) {
      long row = outer * gather.count() + i;
      long source = at(y, row * inner + column);
      if (gather.elementwise()) {
        addElements(source, at(index, row * inner + column), inner, at(x, table), columns);
      } else {
        int place = Indices.of(gather, index, row);
        long target = at(x, table + place * inner);
        VectorElementwise.add(target, source, target, columns);
      }
    }
  }

  private static void addElements(long source, long index, long inner, long table, int n) {
    MemorySegment y = Native.floats(source, n);
    MemorySegment places = Native.floats(index, n);
    for (int j = 0; j < n; j++) {
      long place = places.getAtIndex(JAVA_INT_UNALIGNED, j) * inner + j;
      MemorySegment x = Native.floats(at(table, place), 1);
      x.set(
          JAVA_FLOAT_UNALIGNED,
          0,
          x.get(JAVA_FLOAT_UNALIGNED, 0) + y.getAtIndex(JAVA_FLOAT_UNALIGNED, j));
    }
  }
}
