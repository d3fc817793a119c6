package dev.quintet.core.backend;

import dev.quintet.core.shape.DType;
import java.util.List;

/// Products with weights that are stored small, and rows of them. Everything else is float32, also all sums.
///
/// The default forms widen a whole weight and go on with the plain kernels of the same backend.
public interface StoredKernels {

  /// The backend whose kernels the default methods are composed of.
  Backend backend();

  /// Each y = x Wᵀ.
  ///
  /// @param m rows of x and of each y
  /// @param x address of float32 `[m, K]`
  /// @param weights all `[N, K]`, each in a small form
  /// @param y the address of float32 `[m, N]` for each
  default void multiplyEach(int m, long x, List<StoredMatrix> weights, long[] y) {
    for (int i = 0; i < y.length; i++) {
      StoredMatrix w = weights.get(i);
      try (var borrowed = new Borrowed(backend())) {
        Product product = Product.nt(m, w.rows(), w.columns());
        backend().matmul().multiply(product, x, widened(w, borrowed), y[i]);
      }
    }
  }

  /// dx = the sum of each dy W, in this order; or what is there and this.
  ///
  /// @param m rows of dx and of each dy
  /// @param dy the address of float32 `[m, N]` for each weight
  /// @param dx where float32 `[m, K]` go
  default void multiplyBack(int m, long[] dy, List<StoredMatrix> weights, Gradient dx) {
    for (int i = 0; i < dy.length; i++) {
      StoredMatrix w = weights.get(i);
      try (var borrowed = new Borrowed(backend())) {
        Product product = Product.nn(m, w.columns(), w.rows()).withAccumulate(dx.add() || i > 0);
        backend().matmul().multiply(product, dy[i], widened(w, borrowed), dx.address());
      }
    }
  }

  /// Rows of a table in a small form, as an embedding takes them.
  ///
  /// @param count of ids
  /// @param ids address of int32
  /// @param y address of float32 `[count, K]`
  /// @throws IndexOutOfBoundsException if an id is not a row; on a device that cannot throw, the next read or
  ///     synchronisation does
  default void rows(StoredMatrix table, int count, long ids, long y) {
    try (var borrowed = new Borrowed(backend())) {
      var rows = LayoutKernels.Gather.rows(table.rows(), count, table.columns(), DType.F32);
      backend().layout().gather(rows, widened(table, borrowed), ids, y);
    }
  }

  private long widened(StoredMatrix w, Borrowed borrowed) {
    long wide = borrowed.floats(w.storedRows() * w.columns());
    widen(w, wide);
    return wide;
  }

  /// The values of a weight in a small form, row by row, and zeros in the rows that fill up its last panel.
  ///
  /// @param wide address of float32 `[storedRows(), K]`
  default void widen(StoredMatrix w, long wide) {
    new ComposedWidening(backend(), w).run(wide);
  }
}
