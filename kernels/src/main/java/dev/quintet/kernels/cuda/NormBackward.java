package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.NormRows;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;

/// Gradients of norms on the device. Rows are cut into strips, each strip leaves a row of sums behind for the gradients of
/// weight and bias, and another kernel adds these.
final class NormBackward {
  /// Rows are cut into no more strips than this, of which each leaves a row of sums behind.
  private static final int MOST_STRIPS = 2048;

  /// A strip has so many rows at least, or its sums would be a good part of what it reads.
  private static final int STRIP_ROWS = 8;

  private final Cuda cuda;
  private final CudaNorm norm;
  private final Kernel plain;
  private final Kernel plainColumns;
  private final Kernel columns;

  /// Where rows are cut into strips: by their number alone, so that sums are the same on every chip.
  private record Strips(int rows, int count) {
    static Strips of(NormCall call) {
      long rows = Math.max(STRIP_ROWS, (call.rows() + MOST_STRIPS - 1) / MOST_STRIPS);
      return new Strips(Math.toIntExact(rows), (int) ((call.rows() + rows - 1) / rows));
    }
  }

  NormBackward(Cuda cuda, CudaNorm norm) {
    this.cuda = cuda;
    this.norm = norm;
    this.plain = cuda.kernel(CudaNorm.FAMILY, "norm_plain_backward");
    this.plainColumns = cuda.kernel(CudaNorm.FAMILY, "norm_plain_columns");
    this.columns = cuda.kernel(CudaNorm.FAMILY, "norm_columns");
  }

  void run(
      NormCall call,
      DropoutCall dropout,
      NormRows rows,
      long dy,
      Gradient dx,
      Gradient dBranch,
      Gradient dWeight,
      Gradient dBias) {
    if (!dx.wanted() && !dWeight.wanted() && !dBias.wanted()) {
      return;
    }
    Strips strips = Strips.of(call);
    int pitch = call.width() + 3 & -4;
    long bytes = 4L * strips.count * pitch;
    int sums = (dWeight.wanted() ? 1 : 0) + (dBias.wanted() ? 1 : 0);
    long room = cuda.memory().allocate(sums * bytes);
    try {
      long weights = dWeight.wanted() ? room : 0;
      long biases = dBias.wanted() ? room + (sums - 1) * bytes : 0;
      long all = rows.x() | dy | dx.address() | dBranch.address();
      CudaNorm.Fast fast = norm.fast(call, dropout, all);
      if (call.elements() > 0) {
        if (fast == null) {
          plain(call, dropout, rows, dy, dx, dBranch, strips, pitch, weights, biases);
        } else {
          byBlocks(fast.backward(), call, dropout, rows, dy, dx, dBranch, strips, weights, biases);
        }
      }
      add(call, strips, pitch, weights, dWeight);
      add(call, strips, pitch, biases, dBias);
    } finally {
      cuda.memory().release(room, sums * bytes);
    }
  }

  private void byBlocks(
      Kernel kernel,
      NormCall call,
      DropoutCall dropout,
      NormRows rows,
      long dy,
      Gradient dx,
      Gradient dBranch,
      Strips strips,
      long weights,
      long biases) {
    Types types = call.types();
    int threads = CudaNorm.threads(call);
    int warps = threads / 32;
    int sums = (weights == 0 ? 0 : 1) + (biases == 0 ? 0 : 1);
    CudaNorm.launch(kernel, strips.count, threads, 16 * warps)
        .address(rows.x())
        .address(dy)
        .address(rows.weight())
        .address(rows.mean())
        .address(rows.rstd())
        .address(dx.address())
        .address(dBranch.address())
        .address(weights)
        .address(biases)
        .i32((int) call.rows())
        .i32((int) (dropout.width() / call.width()))
        .i32(strips.rows)
        .i32(call.width())
        .i32(CudaNorm.narrowWeight(call))
        .i32(dx.add() ? 1 : 0)
        .i32(dBranch.add() ? 1 : 0)
        .struct(CudaDropout.mask(dropout.mask()), CudaDropout.MASK_ALIGNMENT)
        .moves(
            call.elements()
                    * (types.in().bytes()
                        + types.out().bytes()
                        + bytes(dx, types.in())
                        + bytes(dBranch, types.out()))
                + call.rows() * warps * (rows.centred() ? 8 : 4)
                + strips.count * (CudaNorm.weightBytes(call) + 4L * sums * call.width())
                + CudaNorm.drawn(
                    dropout, dBranch.address(), call.rows() * warps, (long) strips.count * threads))
        .run();
  }

  private void plain(
      NormCall call,
      DropoutCall dropout,
      NormRows rows,
      long dy,
      Gradient dx,
      Gradient dBranch,
      Strips strips,
      int pitch,
      long weights,
      long biases) {
    Types types = call.types();
    int statistics = rows.centred() ? 8 : 4;
    if (weights != 0 || biases != 0) {
      int sums = (weights == 0 ? 0 : 1) + (biases == 0 ? 0 : 1);
      int across = (pitch + 255) / 256;
      plainColumns
          .launch()
          .grid(strips.count, across, 1)
          .threads(256)
          .address(rows.x())
          .address(dy)
          .address(rows.mean())
          .address(rows.rstd())
          .address(weights)
          .address(biases)
          .i64(call.rows())
          .i32(strips.rows)
          .i32(call.width())
          .i32(pitch)
          .i32(CudaNorm.narrow(call, dropout))
          .moves(
              call.elements() * ((weights == 0 ? 0 : types.in().bytes()) + types.out().bytes())
                  + call.rows() * across * 8 * statistics
                  + 4L * sums * strips.count * pitch)
          .run();
    }
    if (dx.wanted()) {
      int blocks = norm.blocks((call.rows() + 7) / 8, 256);
      CudaNorm.launch(plain, blocks, 256, 0)
          .address(rows.x())
          .address(dy)
          .address(rows.weight())
          .address(rows.mean())
          .address(rows.rstd())
          .address(dx.address())
          .address(dBranch.address())
          .i64(call.rows())
          .i64(dropout.width() / call.width())
          .i32(call.width())
          .i32(CudaNorm.narrow(call, dropout))
          .i32(dx.add() ? 1 : 0)
          .i32(dBranch.add() ? 1 : 0)
          .struct(CudaDropout.mask(dropout.mask()), CudaDropout.MASK_ALIGNMENT)
          .moves(
              call.elements()
                      * (2L * (types.in().bytes() + types.out().bytes() + types.weight().bytes())
                          + bytes(dx, types.in())
                          + (dBranch.wanted() ? types.in().bytes() : 0)
                          + bytes(dBranch, dropout.types().in()))
                  + call.rows() * statistics
                  + CudaNorm.drawn(dropout, dBranch.address(), call.rows(), blocks * 256L))
          .run();
    }
  }

  /// Adds the strips' sums.
  private void add(NormCall call, Strips strips, int pitch, long parts, Gradient sums) {
    if (!sums.wanted() || call.width() == 0) {
      return;
    }
    CudaNorm.launch(columns, (call.width() + 31) / 32, 256, 4 * 32 * 32)
        .address(strips.count == 0 ? 0 : parts)
        .address(sums.address())
        .i64(strips.count)
        .i32(call.width())
        .i32(pitch)
        .i32(sums.add() ? 1 : 0)
        .moves(4L * strips.count * pitch + call.width() * bytes(sums, DType.F32))
        .run();
  }

  /// Bytes of an element of a gradient: none, what is stored, or what is read and stored.
  private static long bytes(Gradient gradient, DType type) {
    return gradient.wanted() ? (gradient.add() ? 2L : 1L) * type.bytes() : 0;
  }
}
