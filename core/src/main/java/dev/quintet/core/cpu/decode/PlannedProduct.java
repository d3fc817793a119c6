package dev.quintet.core.cpu.decode;

import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.cpu.vector.SkinnyProduct;
import dev.quintet.core.cpu.vector.StoredProduct;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.shape.Precision;

/// A weight by which a few rows are multiplied, cut into parts.
///
/// @param weight `[N, K]`
/// @param columns of the result in a part
record PlannedProduct(StoredMatrix weight, int columns) {
  /// The fewest elements of a part, a microsecond's reading.
  private static final long SHORT = 1 << 14;

  /// The most bytes: memory that is read at a stretch comes a third faster from 512 KiB on.
  private static final long LONG = 1 << 19;

  /// Columns of parts are a multiple of this.
  static final int STEP = StoredMatrix.PANEL;

  /// A weight in parts that suit the number of threads, on which no element of the result depends.
  static PlannedProduct of(StoredMatrix weight) {
    long elements = (long) weight.rows() * weight.columns();
    long part =
        Math.clamp(
            elements / (2L * WorkerPool.shared().threads()),
            SHORT,
            LONG / weight.precision().bytes());
    int columns = (int) Math.max(STEP, part / weight.columns() / STEP * STEP);
    return new PlannedProduct(weight, columns);
  }

  int parts() {
    return (weight.rows() + columns - 1) / columns;
  }

  /// The first column of a part.
  int first(int part) {
    return part * columns;
  }

  /// The columns of a part.
  int width(int part) {
    return Math.min(columns, weight.rows() - first(part));
  }

  /// Multiplications of all rows.
  long work(Rows rows) {
    return (long) rows.count() * weight.rows() * weight.columns();
  }

  /// One part of x Wᵀ.
  ///
  /// @param to address of the part's first column in the first row
  /// @param step elements from one row of the result to the next
  /// @param add whether it is added to what is there
  void run(int part, Rows x, long to, int step, boolean add) {
    int k = weight.columns();
    if (weight.precision() != Precision.F32) {
      int panels = StoredMatrix.panels(width(part));
      StoredProduct.multiply(
          weight, first(part) / STEP, panels, x.values(), 0, k, x.count(), to, step, add);
      return;
    }
    long rows = Native.at(weight.address(), (long) first(part) * k);
    SkinnyProduct.columns(
        x.count(), width(part), k, x.address(), k, x.panel(), rows, k, to, step, add);
  }
}
