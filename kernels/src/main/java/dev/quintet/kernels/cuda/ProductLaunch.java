package dev.quintet.kernels.cuda;

import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import dev.quintet.kernels.driver.Launch;

/// How products of a few rows are launched: blocks of eight warps, of which each takes some rows of a matrix.
///
/// @param type of matrices
/// @param rows that are multiplied
/// @param form the rows that the kernel is made for
record ProductLaunch(DType type, int rows, int form) {
  static final int THREADS = 256;
  static final int WARPS = THREADS / 32;

  /// Bytes of shared memory for the rows' scales.
  private static final int SCALES = 64;

  /// Those of the head's bests.
  private static final int BESTS = SCALES + 2 * WARPS * CudaDecoder.MOST_ROWS * 4;

  /// Of the kernels that take the fewest rows that are enough.
  static ProductLaunch of(DType type, int rows) {
    return new ProductLaunch(type, rows, most(rows));
  }

  /// Rows that a kernel is made for.
  static int most(int rows) {
    return rows == 1 ? 1 : rows <= 4 ? 4 : CudaDecoder.MOST_ROWS;
  }

  /// The end of a kernel's name.
  static String suffix(DType type) {
    return type == DType.BF16 ? "bf16" : "f32";
  }

  /// Rows of a matrix that a warp takes.
  static int each(int rows) {
    return rows == 1 ? 2 : 4;
  }

  /// Blocks for so many rows of a matrix.
  static int blocks(int outputs, int rows) {
    int block = WARPS * each(rows);
    return (outputs + block - 1) / block;
  }

  Kernel kernel(Cuda cuda, String name) {
    return cuda.kernel(CudaDecoder.FAMILY, "decode_" + name + "_" + suffix(type) + "_" + form);
  }

  /// A launch of products behind a norm.
  ///
  /// @param all rows of the matrices together
  /// @param outputs numbers of each row that come out
  Launch normed(Kernel kernel, int all, int outputs, int width) {
    int blocks = blocks(all, form);
    long scales = 4L * blocks * rows * width;
    return kernel
        .launch()
        .grid(blocks)
        .threads(THREADS)
        .shared(SCALES)
        .moves(scales + bytes((long) blocks * WARPS, outputs, width, true));
  }

  /// A launch of the head.
  Launch head(Kernel kernel, int blocks, int vocabulary, int width) {
    int tiles = Math.ceilDiv(vocabulary, each(form));
    return kernel
        .launch()
        .grid(blocks)
        .threads(THREADS)
        .shared(BESTS)
        .moves(
            4L * blocks * rows * width
                + bytes(tiles, vocabulary, width, true)
                + 8L * blocks * rows);
  }

  /// Bytes of matrices' rows, of the multiplied rows by each warp, and of results.
  long bytes(long warps, int outputs, int width, boolean norm) {
    return warps * each(form) * type.bytes(width)
        + warps * (4L * rows * width + (norm ? type.bytes(width) : 0))
        + 4L * rows * outputs;
  }
}
