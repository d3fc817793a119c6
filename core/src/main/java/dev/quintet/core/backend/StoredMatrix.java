package dev.quintet.core.backend;

import dev.quintet.core.shape.Precision;

/// A weight W `[rows, columns]` as it lies in a device's memory: row-major, contiguous, perhaps smaller than float32.
///
/// In [Precision#INT8] element (n, k) is `byte[n, k] * scale[n, k / group]`, with the byte signed and the scales
/// float32 of shape `[rows, groups()]`; the last group of a row may be shorter than the others.
///
/// @param precision how its numbers are stored
/// @param address of the numbers
/// @param scales address of the scales; 0 where there are none
/// @param group elements of a row that share a scale; 0 for a whole row, and where there are no scales
/// @param rows N
/// @param columns K
public record StoredMatrix(
    Precision precision, long address, long scales, int group, int rows, int columns) {

  /// Checks that there are scales just where they are needed.
  public StoredMatrix {
    boolean scaled = precision == Precision.INT8;
    if (rows < 0 || columns < 0 || group < 0 || group > 0 && !scaled || scaled != (scales != 0)) {
      throw new IllegalArgumentException(
          "a stored matrix has scales where it is INT8, not: %s [%d, %d], scales at %d, group %d"
              .formatted(precision, rows, columns, scales, group));
    }
  }

  /// A matrix of float32.
  public static StoredMatrix floats(long address, int rows, int columns) {
    return new StoredMatrix(Precision.F32, address, 0, 0, rows, columns);
  }

  /// Elements that share a scale, also where that is a whole row.
  public int span() {
    return group == 0 ? Math.max(1, columns) : group;
  }

  /// Scales of a row; 0 where there are none.
  public int groups() {
    return scales == 0 ? 0 : (columns + span() - 1) / span();
  }

  /// The address of a row's numbers.
  public long row(long n) {
    return address + n * columns * precision.bytes();
  }

  /// The address of a row's scales.
  public long scalesOf(long n) {
    return scales == 0 ? 0 : scales + n * groups() * Float.BYTES;
  }

  /// These rows of it.
  public StoredMatrix slice(int first, int count) {
    return new StoredMatrix(precision, row(first), scalesOf(first), group, count, columns);
  }
}
