package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.vector.RegisterBlock.COLUMNS;
import static dev.quintet.core.cpu.vector.RegisterBlock.ROWS;

import dev.quintet.core.cpu.scalar.ScalarScratch;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.util.Arrays;

/// The blocks of [RegisterBlock] as attention takes them: in plain Java with the same bits at first, then on vectors.
public final class EarlyBlock {
  private static final EarlyForms EARLY = EarlyForms.ofAttention();

  /// The scratch table of rows of B.
  private static final int B_ROWS = 5;

  private EarlyBlock() {}

  /// [RegisterBlock#rows].
  static void rows(
      int depth, float[] a, int at, int step, long b, int bStep, float[] c, int to, int cStep) {
    if (EARLY.take(false, (long) depth * ROWS * COLUMNS)) {
      plain(depth, a, at, step, 1, b, bStep, c, to, cStep);
    } else {
      RegisterBlock.rows(depth, a, at, step, b, bStep, c, to, cStep);
    }
  }

  /// [RegisterBlock#columns].
  static void columns(
      int depth, float[] a, int at, int step, long b, int bStep, float[] c, int to, int cStep) {
    if (EARLY.take(false, (long) depth * ROWS * COLUMNS)) {
      plain(depth, a, at, 1, step, b, bStep, c, to, cStep);
    } else {
      RegisterBlock.columns(depth, a, at, step, b, bStep, c, to, cStep);
    }
  }

  /// One block of C, with element (row, k) of A at `a[at + row aRow + k aColumn]`.
  public static void plain(
      int depth,
      float[] a,
      int at,
      int aRow,
      int aColumn,
      long b,
      int bStep,
      float[] c,
      int to,
      int cStep) {
    float[] right = Workspace.rows(B_ROWS, 1, COLUMNS)[0];
    for (int row = 0; row < ROWS; row++) {
      Arrays.fill(c, to + row * cStep, to + row * cStep + COLUMNS, 0);
    }
    for (int k = 0; k < depth; k++) {
      ScalarScratch.load(Native.at(b, (long) k * bStep), right, 0, COLUMNS);
      for (int row = 0; row < ROWS; row++) {
        add(a[at + row * aRow + k * aColumn], right, c, to + row * cStep);
      }
    }
  }

  private static void add(float a, float[] b, float[] c, int to) {
    for (int j = 0; j < COLUMNS; j++) {
      c[to + j] = Math.fma(a, b[j], c[to + j]);
    }
  }
}
