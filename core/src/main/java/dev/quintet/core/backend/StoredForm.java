package dev.quintet.core.backend;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quintet.core.shape.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/// How a weight `[rows, columns]` is brought into a small form, one block of memory, and back, in host memory.
///
/// In INT8 a group's numbers are its values divided by the scale, rounded to nearest, ties to even, from -127 to 127; the
/// scale is the group's largest magnitude over 127. It is a function of the group's values alone.
///
/// @param precision BF16 or INT8
/// @param rows N
/// @param columns K
/// @param group columns that share a scale: K, or what divides it; 0 where there are no scales
public record StoredForm(Precision precision, int rows, int columns, int group) {
  private static final int PANEL = StoredMatrix.PANEL;
  private static final int MOST = 127;

  /// Columns that share a scale where nothing else is asked for and they divide a row; else it is the whole row.
  public static final int GROUP = 64;

  /// The form of a precision.
  ///
  /// @param precision BF16 or INT8
  /// @throws IllegalArgumentException if it is F32, or the matrix has no rows or columns
  public static StoredForm of(Precision precision, int rows, int columns) {
    int group = columns % GROUP == 0 ? GROUP : columns;
    return new StoredForm(precision, rows, columns, precision == Precision.INT8 ? group : 0);
  }

  /// Checks the sizes.
  ///
  /// @throws IllegalArgumentException if it is no small form, or the group does not fit
  public StoredForm {
    boolean scaled = precision == Precision.INT8;
    if (precision == Precision.F32
        || rows < 1
        || columns < 1
        || scaled != group > 0
        || scaled && columns % group != 0) {
      throw new IllegalArgumentException(
          "a small form is BF16, or INT8 with a group that divides the columns, not %s [%d, %d] in groups of %d"
              .formatted(precision, rows, columns, group));
    }
  }

  /// Scales of a row; 0 where there are none.
  public int groups() {
    return group == 0 ? 0 : columns / group;
  }

  /// Bytes of the block: the numbers, then the scales.
  public long bytes() {
    return numberBytes() + storedRows() * groups() * Float.BYTES;
  }

  private long numberBytes() {
    return storedRows() * columns * precision.bytes();
  }

  private long storedRows() {
    return (long) StoredMatrix.panels(rows) * PANEL;
  }

  /// The weight whose block begins at an address.
  public StoredMatrix at(long address) {
    long scales = group == 0 ? 0 : address + numberBytes();
    return new StoredMatrix(precision, address, scales, group, rows, columns);
  }

  /// Fills a block.
  ///
  /// @param floats float32 `[N, K]` in the machine's byte order; any thread may read it
  /// @param block of [#bytes]; any thread may write to it
  public void fill(MemorySegment floats, MemorySegment block) {
    panels((first, end) -> {
      float[] row = new float[columns];
      byte[] numbers = new byte[PANEL * columns * precision.bytes()];
      float[] scales = new float[PANEL * groups()];
      for (int p = first; p < end; p++) {
        for (int r = 0; r < PANEL; r++) {
          if (p * PANEL + r < rows) {
            long from = 4L * columns * (p * PANEL + r);
            MemorySegment.copy(floats, JAVA_FLOAT_UNALIGNED, from, row, 0, columns);
          } else {
            Arrays.fill(row, 0);
          }
          if (precision == Precision.BF16) {
            round(row, r, numbers);
          } else {
            quantise(row, r, numbers, scales);
          }
        }
        put(p, numbers, scales, block);
      }
    });
  }

  private interface Panels {
    void run(int first, int end);
  }

  /// Does all panels by several threads, many at a time, so that what they need in between is made seldom.
  private void panels(Panels body) {
    int all = StoredMatrix.panels(rows);
    int parts = Math.min(all, 8 * Runtime.getRuntime().availableProcessors());
    IntStream.range(0, parts)
        .parallel()
        .forEach(part ->
            body.run((int) ((long) all * part / parts), (int) ((long) all * (part + 1) / parts)));
  }

  /// Fills a block with numbers that are int8 already.
  ///
  /// @param numbers bytes `[N, K]`
  /// @param scales float32 `[N, K / group]` in the machine's byte order
  /// @param block of [#bytes]; any thread may write to it
  public void fill(MemorySegment numbers, MemorySegment scales, MemorySegment block) {
    panels((first, end) -> {
      byte[] turned = new byte[PANEL * columns];
      float[] factors = new float[PANEL * groups()];
      for (int p = first; p < end; p++) {
        if ((p + 1) * PANEL > rows) {
          Arrays.fill(turned, (byte) 0);
          Arrays.fill(factors, 0);
        }
        for (int r = 0; r < PANEL && p * PANEL + r < rows; r++) {
          long n = p * (long) PANEL + r;
          for (int k = 0; k < columns; k++) {
            turned[k * PANEL + r] = numbers.get(JAVA_BYTE, n * columns + k);
          }
          for (int g = 0; g < groups(); g++) {
            factors[g * PANEL + r] = scales.getAtIndex(JAVA_FLOAT_UNALIGNED, n * groups() + g);
          }
        }
        put(p, turned, factors, block);
      }
    });
  }

  /// Reads a block of int8 numbers.
  ///
  /// @param block of [#bytes]; any thread may write to it
  /// @param numbers where the bytes `[N, K]` go
  /// @param scales where the float32 `[N, K / group]` go, in the machine's byte order
  public void read(MemorySegment block, MemorySegment numbers, MemorySegment scales) {
    MemorySegment factors = block.asSlice(numberBytes());
    for (int n = 0; n < rows; n++) {
      long panel = n / PANEL;
      for (int k = 0; k < columns; k++) {
        long from = (panel * columns + k) * PANEL + n % PANEL;
        numbers.set(JAVA_BYTE, (long) n * columns + k, block.get(JAVA_BYTE, from));
      }
      for (int g = 0; g < groups(); g++) {
        long from = (panel * groups() + g) * PANEL + n % PANEL;
        float scale = factors.getAtIndex(JAVA_FLOAT_UNALIGNED, from);
        scales.setAtIndex(JAVA_FLOAT_UNALIGNED, (long) n * groups() + g, scale);
      }
    }
  }

  /// Reads a block of bfloat16.
  ///
  /// @param block of [#bytes]; any thread may write to it
  /// @param numbers where the bfloat16 `[N, K]` go
  public void read(MemorySegment block, MemorySegment numbers) {
    for (int n = 0; n < rows; n++) {
      long from = (long) (n / PANEL) * columns * PANEL + StoredMatrix.pairPlace(n);
      for (int k = 0; k < columns; k++) {
        short bits = block.getAtIndex(JAVA_SHORT_UNALIGNED, from + (long) k * PANEL);
        numbers.setAtIndex(JAVA_SHORT_UNALIGNED, (long) n * columns + k, bits);
      }
    }
  }

  private void put(int panel, byte[] numbers, float[] scales, MemorySegment block) {
    long at = (long) panel * numbers.length;
    MemorySegment.copy(numbers, 0, block, JAVA_BYTE, at, numbers.length);
    long behind = numberBytes() + 4L * panel * scales.length;
    MemorySegment.copy(scales, 0, block, JAVA_FLOAT_UNALIGNED, behind, scales.length);
  }

  /// To nearest, ties to even; a NaN keeps its sign and becomes quiet.
  private static void round(float[] row, int r, byte[] numbers) {
    int place = 2 * StoredMatrix.pairPlace(r);
    for (int k = 0; k < row.length; k++) {
      int bits = Float.floatToRawIntBits(row[k]);
      int high = bits >>> 16;
      int rounded = Float.isNaN(row[k]) ? high | 0x40 : bits + 0x7fff + (high & 1) >>> 16;
      numbers[2 * PANEL * k + place] = (byte) rounded;
      numbers[2 * PANEL * k + place + 1] = (byte) (rounded >>> 8);
    }
  }

  private void quantise(float[] row, int r, byte[] numbers, float[] scales) {
    for (int g = 0; g < groups(); g++) {
      int from = g * group;
      float largest = 0;
      for (int k = from; k < from + group; k++) {
        largest = Math.max(largest, Math.abs(row[k]));
      }
      float scale = largest / MOST;
      scales[g * PANEL + r] = scale;
      // a scale that is no normal number would make its numbers meaningless: they are 0 then
      float inverse = scale >= Float.MIN_NORMAL ? 1 / scale : 0;
      for (int k = from; k < from + group; k++) {
        numbers[k * PANEL + r] =
            (byte) Math.max(-MOST, Math.min(MOST, (int) Math.rint(row[k] * (double) inverse)));
      }
    }
  }
}
