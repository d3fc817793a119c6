package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.shape.DType;

/// How the elements of a table of parameters are cut among blocks, as `spans.cuh` and `adafactor.cuh` do.
///
/// @param rows parameters
/// @param elements of all of them
/// @param whole elements of those whose second moment is whole
/// @param narrow elements of those that are bfloat16
/// @param averaged elements of those that have a first moment
/// @param chunks of all elements, one behind the other
/// @param visits of chunks to the parameters that they have elements of
/// @param strips of the lines of matrices whose second moment is factored
/// @param lines of those matrices
/// @param columns of those matrices
/// @param columnBlocks blocks of 256 columns
/// @param columnSums columns of all strips
record SpanCuts(
    int rows,
    long elements,
    long whole,
    long narrow,
    long averaged,
    long chunks,
    long visits,
    long strips,
    long lines,
    long columns,
    long columnBlocks,
    long columnSums) {
  /// What a block keeps in shared memory of a row of the table.
  static final int ROW_BYTES = 192;

  private static final long CHUNK = 16_384;
  private static final int WORDS_BYTES = 128;

  static SpanCuts of(Spans spans) {
    long elements = 0;
    long whole = 0;
    long narrow = 0;
    long averaged = 0;
    long visits = 0;
    long strips = 0;
    long lines = 0;
    long columns = 0;
    long columnBlocks = 0;
    long columnSums = 0;
    for (Span span : spans.rows()) {
      Matrices axes = span.axes();
      long count = axes.elements();
      if (count > 0) {
        visits += (elements + count - 1) / CHUNK - elements / CHUNK + 1;
      }
      elements += count;
      narrow += span.type() == DType.BF16 ? count : 0;
      averaged += span.at().first() == 0 ? 0 : count;
      if (span.at().column() == 0) {
        whole += count;
      } else if (count > 0) {
        long own = axes.matrices() * strips(axes.rows());
        strips += own;
        lines += axes.matrices() * axes.rows();
        columns += axes.matrices() * axes.columns();
        columnBlocks += axes.matrices() * Math.ceilDiv(axes.columns(), 256);
        columnSums += own * axes.columns();
      }
    }
    return new SpanCuts(
        spans.rows().size(),
        elements,
        whole,
        narrow,
        averaged,
        Math.ceilDiv(elements, CHUNK),
        visits,
        strips,
        lines,
        columns,
        columnBlocks,
        columnSums);
  }

  /// Strips of a matrix with so many lines.
  private static int strips(int lines) {
    int each = Math.min(1024, Math.ceilDiv(lines, 8192) * 32);
    return Math.ceilDiv(lines, each);
  }

  /// Bytes that all chunks load to find their rows of the table.
  long walkBytes() {
    return chunks * searchBytes() + visits * WORDS_BYTES;
  }

  /// Bytes that all strips load to find theirs.
  long stripBytes() {
    return strips * (searchBytes() + WORDS_BYTES);
  }

  /// Bytes that a block loads to find its first row.
  long searchBytes() {
    long bytes = 0;
    for (int n = rows; n > 1; n = Math.ceilDiv(n, 32)) {
      bytes += 8L * Math.ceilDiv(n, Math.ceilDiv(n, 32));
    }
    return bytes;
  }
}
