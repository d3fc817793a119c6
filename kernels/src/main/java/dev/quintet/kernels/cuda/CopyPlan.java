package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.StridedCopy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/// A strided copy in as few axes, and as wide elements, as both layouts allow.
///
/// @param axes in the target's order, outermost first
/// @param bytes of an element: 1, 2, 4, 8 or 16
/// @param source address of the first element read
/// @param target address of the first element written
record CopyPlan(List<Axis> axes, int bytes, long source, long target) {
  /// The most axes that a kernel takes.
  static final int AXES = 8;

  /// The most elements of one launch: they are numbered in 32 bits.
  private static final long ELEMENTS = 1L << 31;

  /// One axis, with strides in elements.
  record Axis(long size, long source, long target) {
    /// Whether an axis inside this one goes on where this one does.
    boolean joins(Axis inner) {
      return source == inner.source * inner.size
          && target == inner.target * inner.size
          && size * inner.size < ELEMENTS;
    }
  }

  /// The plans that together copy everything: one, or several where axes or elements are too many for a launch.
  static void each(
      StridedCopy copy, int bytes, long source, long target, Consumer<CopyPlan> launch) {
    List<Axis> axes = new ArrayList<>();
    for (int i = 0; i < copy.sizes().length; i++) {
      int size = copy.sizes()[i];
      if (size == 0) {
        return;
      }
      if (size > 1) {
        axes.add(new Axis(size, copy.sourceStrides()[i], copy.targetStrides()[i]));
      }
    }
    axes.sort(Comparator.comparingLong((Axis axis) -> Math.abs(axis.target)).reversed());
    for (int i = axes.size() - 1; i > 0; i--) {
      Axis outer = axes.get(i - 1);
      Axis inner = axes.get(i);
      if (outer.joins(inner)) {
        axes.remove(i);
        axes.set(i - 1, new Axis(outer.size * inner.size, inner.source, inner.target));
      }
    }
    new CopyPlan(axes, bytes, source, target).widened().split(launch);
  }

  /// The number of elements.
  long count() {
    return axes.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
  }

  /// The place among the axes of one that lies together in the source, while the last one, which lies together in the
  /// target, does not; -1 if there is none, or if they are too short for a tile.
  int turned() {
    int last = axes.size() - 1;
    if (bytes > 4 || last < 1 || axes.get(last).target != 1 || axes.get(last).size < 8) {
      return -1;
    }
    for (int i = 0; i < last; i++) {
      if (axes.get(i).source == 1 && axes.get(i).size >= 8 && axes.get(last).source != 1) {
        return i;
      }
    }
    return -1;
  }

  /// The same with the widest elements.
  private CopyPlan widened() {
    for (int wide = 16; wide > bytes; wide /= 2) {
      int factor = wide / bytes;
      if (fits(factor) && (source | target) % wide == 0) {
        List<Axis> wider = new ArrayList<>();
        for (Axis axis : axes) {
          wider.add(new Axis(axis.size, axis.source / factor, axis.target / factor));
        }
        wider.set(axes.size() - 1, new Axis(axes.getLast().size / factor, 1, 1));
        return new CopyPlan(wider, wide, source, target);
      }
    }
    return this;
  }

  private boolean fits(int factor) {
    if (axes.isEmpty()) {
      return false;
    }
    Axis last = axes.getLast();
    return last.source == 1
        && last.target == 1
        && last.size % factor == 0
        && multiples(axis -> axis.source, factor)
        && multiples(axis -> axis.target, factor);
  }

  private boolean multiples(ToLongFunction<Axis> stride, int factor) {
    return axes.subList(0, axes.size() - 1).stream()
        .allMatch(axis -> stride.applyAsLong(axis) % factor == 0);
  }

  private void split(Consumer<CopyPlan> launch) {
    if (axes.size() <= AXES && count() < ELEMENTS) {
      launch.accept(this);
      return;
    }
    Axis outer = axes.getFirst();
    List<Axis> rest = axes.subList(1, axes.size());
    long within = rest.stream().mapToLong(Axis::size).reduce(1, Math::multiplyExact);
    long most = axes.size() > AXES ? 1 : Math.max(1, (ELEMENTS - 1) / within);
    for (long i = 0; i < outer.size; i += most) {
      List<Axis> part = new ArrayList<>(rest);
      long size = Math.min(most, outer.size - i);
      if (size > 1) {
        part.addFirst(new Axis(size, outer.source, outer.target));
      }
      new CopyPlan(
              part, bytes, source + i * outer.source * bytes, target + i * outer.target * bytes)
          .split(launch);
    }
  }
}
