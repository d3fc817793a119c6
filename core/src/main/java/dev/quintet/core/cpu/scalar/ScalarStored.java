package dev.quintet.core.cpu.scalar;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.StoredKernels;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import dev.quintet.core.shape.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// Products with small weights without the Vector API: a panel is widened into a heap array, and its columns are added to
/// the rows of y one after the other.
///
/// @param backend of the kernels
public record ScalarStored(Backend backend) implements StoredKernels {
  private static final int PANEL = StoredMatrix.PANEL;
  private static final int HALF = PANEL / 2;

  /// More rows than these are multiplied by the widened weight.
  public static final int FEW = 16;

  // the scratch arrays and tables
  private static final int WIDE = 0;
  private static final int SCALES = 1;
  private static final int ROWS = 2;
  private static final int SUMS = 3;
  private static final int TOTALS = 4;

  @Override
  public void multiplyEach(int m, long x, List<StoredMatrix> weights, long[] y) {
    if (m > FEW) {
      StoredKernels.super.multiplyEach(m, x, weights, y);
      return;
    }
    for (int i = 0; i < y.length; i++) {
      few(m, x, weights.get(i), y[i], false);
    }
  }

  /// y = x Wᵀ for a few rows of x.
  ///
  /// @param fused whether products are added without being rounded, which takes a processor that can
  public static void few(int m, long x, StoredMatrix w, long y, boolean fused) {
    Cuts.items(
        StoredMatrix.panels(w.rows()),
        (long) PANEL * w.columns(),
        (first, many) -> {
          float[][] rows = Workspace.rows(ROWS, m, w.columns());
          ScalarMatmul.take(x, w.columns(), m, w.columns(), rows);
          for (int p = (int) first; p < first + many; p++) {
            panel(w, p, rows, m, Native.at(y, (long) p * PANEL), fused);
          }
        });
  }

  private static void panel(StoredMatrix w, int p, float[][] x, int m, long y, boolean fused) {
    int width = Math.min(PANEL, w.rows() - p * PANEL);
    int group = w.groups() == 0 ? w.columns() : w.group();
    float[] wide = Workspace.floats(WIDE, group * PANEL);
    float[] scales = Workspace.floats(SCALES, PANEL);
    float[] sums = Workspace.rows(SUMS, 1, PANEL)[0];
    float[][] totals = Workspace.rows(TOTALS, m, PANEL);
    for (int first = 0; first < w.columns(); first += group) {
      numbers(w, p, first, group, wide);
      if (w.groups() > 0) {
        ScalarScratch.load(w.scalesAt(p, first / group), scales, 0, PANEL);
      }
      for (int i = 0; i < m; i++) {
        Arrays.fill(sums, 0, PANEL, 0);
        if (fused) {
          fused(x[i], first, group, wide, sums);
        } else {
          rounded(x[i], first, group, wide, sums);
        }
        finish(sums, w.groups() > 0, scales, fused, first > 0, totals[i]);
      }
    }
    for (int i = 0; i < m; i++) {
      ScalarScratch.store(totals[i], Native.at(y, (long) i * w.rows()), width);
    }
  }

  private static void fused(float[] x, int at, int depth, float[] wide, float[] sums) {
    for (int k = 0; k < depth; k++) {
      float v = x[at + k];
      int from = k * PANEL;
      for (int j = 0; j < PANEL; j++) {
        sums[j] = Math.fma(v, wide[from + j], sums[j]);
      }
    }
  }

  private static void rounded(float[] x, int at, int depth, float[] wide, float[] sums) {
    for (int k = 0; k < depth; k++) {
      float v = x[at + k];
      int from = k * PANEL;
      for (int j = 0; j < PANEL; j++) {
        sums[j] += v * wide[from + j];
      }
    }
  }

  private static void finish(
      float[] sums, boolean scaled, float[] scales, boolean fused, boolean add, float[] total) {
    for (int j = 0; j < PANEL; j++) {
      if (!scaled) {
        total[j] = sums[j];
      } else if (!add) {
        total[j] = sums[j] * scales[j];
      } else {
        total[j] = fused ? Math.fma(sums[j], scales[j], total[j]) : total[j] + sums[j] * scales[j];
      }
    }
  }

  /// Numbers of a panel from a column on, as floats without their scales, column by column.
  private static void numbers(StoredMatrix w, int p, int column, int depth, float[] to) {
    int count = depth * PANEL;
    if (w.precision() == Precision.INT8) {
      byte[] bytes = ScalarScratch.loadBytes(w.panel(p, column), count);
      for (int i = 0; i < count; i++) {
        to[i] = bytes[i];
      }
      return;
    }
    MemorySegment pairs = Native.bytes(w.panel(p, column), 2L * count);
    for (int k = 0; k < depth; k++) {
      int at = k * PANEL;
      for (int j = 0; j < HALF; j++) {
        int pair = pairs.get(JAVA_INT_UNALIGNED, 2L * at + 4L * j);
        to[at + j] = Float.intBitsToFloat(pair << 16);
        to[at + HALF + j] = Float.intBitsToFloat(pair & 0xffff0000);
      }
    }
  }

  @Override
  public void rows(StoredMatrix table, int count, long ids, long y) {
    check(table, count, ids);
    Cuts.items(
        count,
        table.columns(),
        (first, many) -> {
          for (long i = first; i < first + many; i++) {
            int id = ScalarScratch.intAt(Native.at(ids, i));
            row(table, id, Native.at(y, i * table.columns()));
          }
        });
  }

  private static void check(StoredMatrix table, int count, long ids) {
    for (int i = 0; i < count; i++) {
      int id = ScalarScratch.intAt(Native.at(ids, i));
      if (id < 0 || id >= table.rows()) {
        throw new IndexOutOfBoundsException(
            "rows: index " + id + " at position " + i + " of a table of " + table.rows() + " rows");
      }
    }
  }

  @Override
  public void widen(StoredMatrix w, long wide) {
    Cuts.items(
        w.storedRows(),
        w.columns(),
        (first, many) -> {
          for (long n = first; n < first + many; n++) {
            row(w, (int) n, Native.at(wide, n * w.columns()));
          }
        });
  }

  /// Row n of a weight as float32.
  public static void row(StoredMatrix w, int n, long to) {
    int k = w.columns();
    MemorySegment target = Native.floats(to, k);
    if (w.precision() == Precision.BF16) {
      MemorySegment from = Native.bytes(w.panel(n / PANEL, 0), 2L * PANEL * k);
      long at = 2L * StoredMatrix.pairPlace(n);
      for (int i = 0; i < k; i++) {
        int bits = from.get(JAVA_SHORT_UNALIGNED, at + 2L * PANEL * i) << 16;
        target.setAtIndex(JAVA_INT_UNALIGNED, i, bits);
      }
      return;
    }
    int place = n % PANEL;
    MemorySegment from = Native.bytes(w.panel(n / PANEL, 0), (long) PANEL * k);
    MemorySegment scales = Native.floats(w.scalesAt(n / PANEL, 0), (long) PANEL * w.groups());
    for (int g = 0; g < w.groups(); g++) {
      float scale = scales.getAtIndex(JAVA_FLOAT_UNALIGNED, (long) g * PANEL + place);
      for (int i = g * w.group(); i < (g + 1) * w.group(); i++) {
        float number = from.get(JAVA_BYTE, (long) i * PANEL + place);
        target.setAtIndex(JAVA_FLOAT_UNALIGNED, i, number * scale);
      }
    }
  }
}
