package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;

import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import dev.quintet.core.shape.Precision;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// y = x Wᵀ for a few rows of x and panels of a weight in a small form, which is read from memory once.
///
/// An element of y is summed along k one by one in each group of columns, fused; the groups' sums, each multiplied by its
/// scale, are added up in their order. So it has the same bits whatever rows stand beside it and however panels are cut
/// into parts.
public final class StoredProduct {
  private static final int PANEL = StoredMatrix.PANEL;

  /// Weights of a part.
  private static final int PART = 1 << 15;

  private StoredProduct() {}

  /// Panels of a weight that make a part: an even number.
  public static int panelsOfPart(StoredMatrix w) {
    return Math.max(2, PART / PANEL / w.columns() & ~1);
  }

  /// Multiplies rows of x by some panels.
  ///
  /// @param panel the first one
  /// @param count how many
  /// @param x holds m rows, the first one at `at`, each `step` after the one before
  /// @param y address of the first row's result for the first panel
  /// @param yStep elements from one row of y to the next
  /// @param add whether it is added to y
  public static void multiply(
      StoredMatrix w,
      int panel,
      int count,
      float[] x,
      int at,
      int step,
      int m,
      long y,
      int yStep,
      boolean add) {
    float[] sums = Workspace.floats(Workspace.BLOCK, 2 * 8 * PANEL);
    long bytes = (long) PANEL * w.columns() * w.precision().bytes();
    int ahead = (int) Math.max(2, ReadAhead.BYTES / bytes & ~1);
    for (int p = 0; p < count; p += 2) {
      if (p % ahead == 0) {
        ReadAhead.touch(w.panel(panel + p, 0), Math.min(ahead, count - p) * bytes, sums, 0);
      }
      boolean two = p + 1 < count;
      for (int i = 0; i < m; ) {
        int rows = rows(m - i);
        long to = Native.at(y, (long) i * yStep + p * PANEL);
        int from = at + i * step;
        if (rows == 1) {
          row(w, panel + p, two ? panel + p + 1 : panel + p, x, from, sums);
          place(w, panel + p, sums, 0, 1, to, yStep, add);
          if (two) {
            place(w, panel + p + 1, sums, PANEL, 1, Native.at(to, PANEL), yStep, add);
          }
        } else {
          rows(rows, w, panel + p, x, from, step, sums);
          place(w, panel + p, sums, 0, rows, to, yStep, add);
          if (two) {
            rows(rows, w, panel + p + 1, x, from, step, sums);
            place(w, panel + p + 1, sums, 0, rows, Native.at(to, PANEL), yStep, add);
          }
        }
        i += rows;
      }
    }
  }

  private static int rows(int left) {
    return left >= 8 && N == 16 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }

  /// One row of x by two panels.
  private static void row(StoredMatrix w, int p, int q, float[] x, int at, float[] sums) {
    int k = w.columns();
    if (w.precision() == Precision.BF16) {
      for (int half = 0; half < PANEL / 2; half += N) {
        Bf16Panels.one(k, x, at, w.panel(p, 0) + 4 * half, w.panel(q, 0) + 4 * half, sums, half);
      }
      return;
    }
    float[] group = w.groups() == 1 ? sums : Workspace.floats(Workspace.TURNED, 2 * PANEL);
    for (int g = 0; g < w.groups(); g++) {
      int first = g * w.group();
      long left = w.panel(p, first);
      long right = w.panel(q, first);
      for (int half = 0; half < PANEL / 2; half += N) {
        Int8Panels.one(w.group(), x, at + first, left + half, right + half, group, half);
      }
      scale(group, 0, 1, w.scalesAt(p, g), sums, g > 0);
      scale(group, PANEL, 1, w.scalesAt(q, g), sums, g > 0);
    }
  }

  /// Two, four or eight rows of x by a panel.
  private static void rows(
      int rows, StoredMatrix w, int p, float[] x, int at, int step, float[] sums) {
    int k = w.columns();
    if (w.precision() == Precision.BF16) {
      for (int half = 0; half < PANEL / 2; half += N) {
        long from = w.panel(p, 0) + 4 * half;
        switch (rows) {
          case 2 -> Bf16Panels.two(k, x, at, step, from, sums, half);
          case 4 -> Bf16Panels.four(k, x, at, step, from, sums, half);
          default -> Bf16Panels.eight(k, x, at, step, from, sums, half);
        }
      }
      return;
    }
    float[] group = w.groups() == 1 ? sums : Workspace.floats(Workspace.TURNED, 8 * PANEL);
    for (int g = 0; g < w.groups(); g++) {
      int first = g * w.group();
      for (int half = 0; half < PANEL / 2; half += N) {
        long from = w.panel(p, first) + half;
        switch (rows) {
          case 2 -> Int8Panels.two(w.group(), x, at + first, step, from, group, half);
          case 4 -> Int8Panels.four(w.group(), x, at + first, step, from, group, half);
          default -> Int8Panels.eight(w.group(), x, at + first, step, from, group, half);
        }
      }
      scale(group, 0, rows, w.scalesAt(p, g), sums, g > 0);
    }
  }

  /// Multiplies rows of a group's sums by its scales, and puts them into the sums of all groups or adds them.
  private static void scale(
      float[] group, int at, int rows, long scales, float[] sums, boolean add) {
    MemorySegment ss = Native.floats(scales, PANEL);
    for (int c = 0; c < PANEL; c += N) {
      FloatVector s = FloatVector.fromMemorySegment(F, ss, 4L * c, ORDER);
      for (int i = at + c; i < at + rows * PANEL; i += PANEL) {
        FloatVector v = FloatVector.fromArray(F, group, i);
        (add ? v.fma(s, FloatVector.fromArray(F, sums, i)) : v.mul(s)).intoArray(sums, i);
      }
    }
  }

  /// Brings a panel's sums to y.
  private static void place(
      StoredMatrix w, int panel, float[] sums, int at, int rows, long y, int step, boolean add) {
    int width = Math.min(PANEL, w.rows() - panel * PANEL);
    if (width < PANEL) {
      placeSome(sums, at, rows, width, y, step, add);
    } else if (add) {
      addWhole(sums, at, rows, y, step);
    } else {
      placeWhole(sums, at, rows, y, step);
    }
  }

  // Each a loop of its own, as RegisterBlock's.

  private static void placeWhole(float[] sums, int at, int rows, long y, int step) {
    MemorySegment ys = Native.floats(y, (rows - 1L) * step + PANEL);
    for (int i = 0; i < rows; i++) {
      for (int c = 0; c < PANEL; c += N) {
        FloatVector.fromArray(F, sums, at + i * PANEL + c)
            .intoMemorySegment(ys, 4L * ((long) i * step + c), ORDER);
      }
    }
  }

  private static void addWhole(float[] sums, int at, int rows, long y, int step) {
    MemorySegment ys = Native.floats(y, (rows - 1L) * step + PANEL);
    for (int i = 0; i < rows; i++) {
      for (int c = 0; c < PANEL; c += N) {
        long to = 4L * ((long) i * step + c);
        FloatVector.fromArray(F, sums, at + i * PANEL + c)
            .add(FloatVector.fromMemorySegment(F, ys, to, ORDER))
            .intoMemorySegment(ys, to, ORDER);
      }
    }
  }

  private static void placeSome(
      float[] sums, int at, int rows, int width, long y, int step, boolean add) {
    MemorySegment ys = Native.floats(y, (rows - 1L) * step + width);
    for (int c = 0; c < width; c += N) {
      VectorMask<Float> mask = F.indexInRange(c, width);
      for (int i = 0; i < rows; i++) {
        long to = 4L * ((long) i * step + c);
        FloatVector v = FloatVector.fromArray(F, sums, at + i * PANEL + c);
        FloatVector before =
            add ? FloatVector.fromMemorySegment(F, ys, to, ORDER, mask) : FloatVector.zero(F);
        (add ? v.add(before) : v).intoMemorySegment(ys, to, ORDER, mask);
      }
    }
  }
}
