package dev.quintet.core.backend;

import dev.quintet.core.shape.Precision;

/// A weight W `[rows, columns]` as it lies in a device's memory, perhaps smaller than float32.
///
/// - [Precision#F32]: row-major, as a parameter lies; of bfloat16 where a [DecoderCall] says that its parameters are.
/// - [Precision#BF16]: panels of [#PANEL] rows one after the other, the last one filled up with zeros; in a panel, column
///   by column, pairs of 16 bits: rows n and n + PANEL / 2, the first one in the lower half of a little-endian int32. So
///   one vector of integers becomes two of float32 by a shift and a mask, and no lanes are added.
/// - [Precision#INT8]: the same panels; in a panel, column by column, the signed bytes of its rows one after the other.
///   Element (n, k) is its byte times a float32 scale, of which there is one for each row and [#group] of columns;
///   they lie panel by panel, group by group, row by row.
///
/// Only a backend's own kernels read the small forms; others are given float32.
///
/// @param precision how its numbers are stored
/// @param address of the numbers
/// @param scales address of the scales; 0 where there are none
/// @param group columns that share a scale: the number of columns, or what divides it; 0 where there are no scales
/// @param rows N
/// @param columns K
public record StoredMatrix(
    Precision precision, long address, long scales, int group, int rows, int columns) {

  /// Rows of a panel.
  public static final int PANEL = 32;

  /// Checks that there are scales just where they are needed.
  public StoredMatrix {
    boolean scaled = precision == Precision.INT8;
    if (rows < 1
        || columns < 1
        || scaled != (scales != 0)
        || scaled != (group != 0)
        || scaled && columns % group != 0) {
      throw new IllegalArgumentException(
          "a stored matrix is not empty and has scales where it is INT8, not: %s [%d, %d], scales at %d, group %d"
              .formatted(precision, rows, columns, scales, group));
    }
  }

  /// A matrix as a parameter lies.
  public static StoredMatrix floats(long address, int rows, int columns) {
    return new StoredMatrix(Precision.F32, address, 0, 0, rows, columns);
  }

  /// Panels of so many rows.
  public static int panels(int rows) {
    return (rows + PANEL - 1) / PANEL;
  }

  /// Where a row's bfloat16 stands among the [#PANEL] of a column.
  public static int pairPlace(int row) {
    int place = row % PANEL;
    return 2 * (place % (PANEL / 2)) + place / (PANEL / 2);
  }

  /// Rows with those that fill up the last panel of a small form.
  public long storedRows() {
    return precision == Precision.F32 ? rows : (long) panels(rows) * PANEL;
  }

  /// Scales of a row; 0 where there are none.
  public int groups() {
    return group == 0 ? 0 : columns / group;
  }

  /// The address of a panel's numbers from a column on, in a small form.
  public long panel(int panel, int column) {
    return address + ((long) panel * columns + column) * PANEL * precision.bytes();
  }

  /// The address of the scales of a panel's rows for a group.
  public long scalesAt(int panel, int index) {
    return scales + ((long) panel * groups() + index) * PANEL * Float.BYTES;
  }
}
