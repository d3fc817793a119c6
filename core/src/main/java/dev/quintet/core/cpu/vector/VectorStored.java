package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.vector.RegisterBlock.COLUMNS;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.StoredKernels;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.cpu.scalar.ScalarScratch;
import dev.quintet.core.cpu.scalar.ScalarStored;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import dev.quintet.core.shape.Precision;
import java.util.List;

/// Products with small weights: those of a few rows by [StoredProduct], and those of many as [VectorMatmul]'s, with weights
/// that are widened while they are packed and never held whole.
///
/// @param backend of the kernels
/// @param early how long products take their plain forms
public record VectorStored(Backend backend, EarlyForms early) implements StoredKernels {

  @Override
  public void multiplyEach(int m, long x, List<StoredMatrix> weights, long[] y) {
    if (m == 0 || y.length == 0) {
      return;
    }
    long elements = (long) weights.getFirst().rows() * weights.getFirst().columns();
    long work = (long) y.length * m * elements;
    if (early.take(elements <= EarlyForms.SMALL, work)) {
      early(m, x, weights, y);
    } else if (m <= ScalarStored.FEW) {
      few(m, x, weights, y, work);
    } else {
      StoredMatrix first = weights.getFirst();
      VectorMatmul.Packer[] packers = new VectorMatmul.Packer[y.length];
      for (int i = 0; i < y.length; i++) {
        StoredMatrix w = weights.get(i);
        packers[i] = (j, n, k, depth, to) -> widen(w, j, n, k, depth, to);
      }
      VectorMatmul.each(Product.nt(m, first.rows(), first.columns()), x, packers, y);
    }
  }

  private void early(int m, long x, List<StoredMatrix> weights, long[] y) {
    for (int i = 0; i < y.length; i++) {
      StoredMatrix w = weights.get(i);
      if (m <= ScalarStored.FEW) {
        ScalarStored.few(m, x, w, y[i], true);
      } else {
        long bytes = w.storedRows() * w.columns() * Float.BYTES;
        long wide = backend.memory().allocate(bytes);
        try {
          widen(w, wide);
          EarlyMatmul.multiply(Product.nt(m, w.rows(), w.columns()), x, wide, y[i]);
        } finally {
          backend.memory().release(wide, bytes);
        }
      }
    }
  }

  private static void few(int m, long x, List<StoredMatrix> weights, long[] y, long work) {
    StoredMatrix any = weights.getFirst();
    int k = any.columns();
    float[] rows = ScalarScratch.load(Workspace.CALL, x, m * k);
    int many = StoredProduct.panelsOfPart(any);
    int panels = StoredMatrix.panels(any.rows());
    int parts = (panels + many - 1) / many;
    VectorMatmul.run(
        work,
        y.length * parts,
        part -> {
          int i = part / parts;
          int panel = part % parts * many;
          int count = Math.min(many, panels - panel);
          long to = Native.at(y[i], (long) panel * StoredMatrix.PANEL);
          StoredProduct.multiply(
              weights.get(i), panel, count, rows, 0, k, m, to, any.rows(), false);
        });
  }

  /// Columns j to j + n of Wᵀ, of which j is the first of a panel, and rows k to k + depth, as [RegisterBlock] reads them.
  private static void widen(StoredMatrix w, int j, int n, int k, int depth, long to) {
    for (int column = j; column < j + n; column += COLUMNS) {
      int panel = column / StoredMatrix.PANEL;
      int place = column % StoredMatrix.PANEL;
      long target = Native.at(to, (long) (column - j) * depth);
      if (w.precision() == Precision.BF16) {
        Bf16Panels.widen(depth, w.panel(panel, k), place > 0, target);
        continue;
      }
      for (int from = k; from < k + depth; ) {
        int group = from / w.group();
        int count = Math.min((group + 1) * w.group(), k + depth) - from;
        Int8Panels.widen(
            count,
            w.panel(panel, from) + place,
            Native.at(w.scalesAt(panel, group), place),
            Native.at(target, (long) (from - k) * COLUMNS));
        from += count;
      }
    }
  }

  @Override
  public void rows(StoredMatrix table, int count, long ids, long y) {
    new ScalarStored(backend).rows(table, count, ids, y);
  }

  @Override
  public void widen(StoredMatrix w, long wide) {
    new ScalarStored(backend).widen(w, wide);
  }
}
