package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.shape.DType;

/// How the elements of a table of parameters are cut among blocks, as `spans.cuh` and `adafactor.cuh` do.
///
/// @param rows parameters
/// @param whole those whose second moment is whole
/// @param factored the others, each some matrices
/// @param strips of the lines of those matrices
/// @param stripsSquared the sum, over those matrices, of the squares of their strips
/// @param lines of those matrices
/// @param columns of those matrices
/// @param columnBlocks blocks of 256 columns
/// @param columnSums columns of all strips
record SpanCuts(
    int rows,
    Part whole,
    Part factored,
    long strips,
    long stripsSquared,
    long lines,
    long columns,
    long columnBlocks,
    long columnSums) {
  /// What a block keeps in shared memory of a row of the table.
  static final int ROW_BYTES = 192;

  private static final long CHUNK = 16_384;
  private static final int WORDS_BYTES = 128;

  /// Some of the parameters.
  ///
  /// @param spans how many
  /// @param elements of them
  /// @param narrow elements that are bfloat16
  /// @param averaged elements that have a first moment
  /// @param visits of chunks of all elements, one behind the other, to these parameters
  record Part(int spans, long elements, long narrow, long averaged, long visits) {
    static final Part NONE = new Part(0, 0, 0, 0, 0);

    Part plus(Span span, long before) {
      long count = span.axes().elements();
      return new Part(
          spans + 1,
          elements + count,
          narrow + (span.type() == DType.BF16 ? count : 0),
          averaged + (span.at().first() == 0 ? 0 : count),
          visits + (count == 0 ? 0 : (before + count - 1) / CHUNK - before / CHUNK + 1));
    }

    /// Bytes that an update moves of these: of each element so many, and those of a copy in bfloat16.
    long bytes(int each) {
      return each * elements + 2 * narrow;
    }
  }

  static SpanCuts of(Spans spans) {
    Part whole = Part.NONE;
    Part factored = Part.NONE;
    long strips = 0;
    long stripsSquared = 0;
    long lines = 0;
    long columns = 0;
    long columnBlocks = 0;
    long columnSums = 0;
    for (Span span : spans.rows()) {
      long before = whole.elements + factored.elements;
      if (span.at().column() == 0) {
        whole = whole.plus(span, before);
        continue;
      }
      factored = factored.plus(span, before);
      Matrices axes = span.axes();
      if (axes.elements() > 0) {
        long each = strips(axes.rows());
        strips += axes.matrices() * each;
        stripsSquared += axes.matrices() * each * each;
        lines += axes.matrices() * axes.rows();
        columns += axes.matrices() * axes.columns();
        columnBlocks += axes.matrices() * Math.ceilDiv(axes.columns(), 256);
        columnSums += axes.matrices() * each * axes.columns();
      }
    }
    return new SpanCuts(
        spans.rows().size(),
        whole,
        factored,
        strips,
        stripsSquared,
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

  long elements() {
    return whole.elements + factored.elements;
  }

  /// Chunks of all elements.
  long chunks() {
    return Math.ceilDiv(elements(), CHUNK);
  }

  /// How often a chunk has elements of a parameter.
  long visits() {
    return whole.visits + factored.visits;
  }

  /// Bytes that all chunks load to find their rows of the table.
  long walkBytes() {
    return chunks() * searchBytes() + visits() * WORDS_BYTES;
  }

  /// Bytes that so many blocks load to find the one row that each works on.
  long rowBytes(long blocks) {
    return blocks * (searchBytes() + WORDS_BYTES);
  }

  /// Bytes that a block loads to find its first row.
  private long searchBytes() {
    long bytes = 0;
    for (int n = rows; n > 1; n = Math.ceilDiv(n, 32)) {
      bytes += 8L * Math.ceilDiv(n, Math.ceilDiv(n, 32));
    }
    return bytes;
  }
}
