package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Precision;
import dev.quintet.core.shape.Shape;

/// A small weight made float32 by a backend's plain kernels.
record ComposedWidening(Backend backend, StoredMatrix w) {
  private static final int PANEL = StoredMatrix.PANEL;

  void run(long wide) {
    int count = Math.toIntExact(w.storedRows() * w.columns());
    try (var borrowed = new Borrowed(backend)) {
      long values = borrowed.floats(count);
      if (w.precision() == Precision.BF16) {
        backend.layout().cast(DType.BF16, DType.F32, w.address(), values, count);
        turn(2, values, wide);
      } else {
        signed(borrowed, values, count);
        scale(values);
        turn(1, values, wide);
      }
    }
  }

  /// Bytes as numbers from -128 to 127.
  private void signed(Borrowed borrowed, long values, int count) {
    backend.layout().cast(DType.U8, DType.F32, w.address(), values, count);
    long limit = borrowed.filled(127, 1);
    long above = borrowed.bytes(count);
    long ones = borrowed.floats(count);
    var axes = Broadcast.of(Shape.of(count), Shape.of(1));
    backend.elementwise().compare(Comparison.GREATER, false, axes, values, limit, above);
    backend.layout().cast(DType.BOOL, DType.F32, above, ones, count);
    backend.elementwise().addScaled(-256, ones, values, count);
  }

  private void scale(long values) {
    long groups = (long) StoredMatrix.panels(w.rows()) * w.groups();
    var axes = Broadcast.of(Shape.of(groups, w.group(), PANEL), Shape.of(groups, 1, PANEL));
    backend.elementwise().binary(Binary.MULTIPLY, axes, values, w.scales(), values);
  }

  /// [panel, K, row, part] to [panel, part, row, K]: the rows of so many parts of a panel alternate.
  private void turn(int parts, long values, long wide) {
    int k = w.columns();
    long panel = (long) PANEL * k;
    backend
        .layout()
        .copy(
            new StridedCopy(
                new int[] {StoredMatrix.panels(w.rows()), parts, PANEL / parts, k},
                new long[] {panel, 1, parts, PANEL},
                new long[] {panel, panel / parts, k, 1}),
            Float.BYTES,
            values,
            wide);
  }
}
