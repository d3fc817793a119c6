package dev.quintet.trainer.metric.translation;

import java.util.Arrays;

/// The table of edit distances between the beginnings of an answer and those of a reference, near the diagonal.
///
/// The way through it prefers matches and replacements, then deletions, then insertions. Cells further than 25 from the
/// diagonal are not looked at, as Tercom's beam has it: in odd cases that decides the way.
final class EditTable {
  static final byte SAME = 0;
  static final byte REPLACED = 1;
  static final byte DELETED = 2;
  static final byte INSERTED = 3;

  private static final int BEAM = 25;
  private static final int FAR = Integer.MAX_VALUE / 2;

  private final int[] reference;
  private final int rows;
  private final int width;
  private final double ratio;
  private final int beam;
  private final int[][] costs;
  private final byte[][] edits;

  /// A table for answers of one length.
  EditTable(int[] reference, int answerLength) {
    this.reference = reference;
    rows = answerLength;
    width = reference.length + 1;
    ratio = answerLength == 0 ? 1 : (double) reference.length / answerLength;
    beam = BEAM < ratio / 2 ? (int) Math.ceil(ratio / 2 + BEAM) : BEAM;
    costs = new int[rows + 1][width];
    edits = new byte[rows + 1][width];
    for (int j = 0; j < width; j++) {
      costs[0][j] = j;
      edits[0][j] = INSERTED;
    }
  }

  /// Fills the rows of the answer's words from one on; those before have to be filled for the same words.
  ///
  /// @return the distance of the whole
  int fill(int[] answer, int from) {
    for (int i = from + 1; i <= rows; i++) {
      int diagonal = (int) Math.floor(i * ratio);
      int first = Math.max(0, diagonal - beam);
      int end = i == rows ? width : Math.min(width, diagonal + beam);
      fillRow(answer[i - 1], costs[i - 1], costs[i], edits[i], first, end);
    }
    return costs[rows][width - 1];
  }

  private void fillRow(int word, int[] above, int[] row, byte[] edit, int first, int end) {
    Arrays.fill(row, FAR);
    for (int j = first; j < end; j++) {
      if (j == 0) {
        row[0] = above[0] + 1;
        edit[0] = DELETED;
        continue;
      }
      boolean same = word == reference[j - 1];
      int cost = above[j - 1] + (same ? 0 : 1);
      byte kind = same ? SAME : REPLACED;
      if (above[j] + 1 < cost) {
        cost = above[j] + 1;
        kind = DELETED;
      }
      if (row[j - 1] + 1 < cost) {
        cost = row[j - 1] + 1;
        kind = INSERTED;
      }
      row[j] = Math.min(cost, FAR);
      edit[j] = kind;
    }
  }

  /// Takes over the first rows of another table of the same size.
  void copy(EditTable other, int count) {
    for (int i = 1; i <= count; i++) {
      System.arraycopy(other.costs[i], 0, costs[i], 0, width);
    }
  }

  /// The edits of the cheapest way, in the order of the words.
  byte[] way() {
    byte[] backward = new byte[rows + width];
    int count = 0;
    int i = rows;
    int j = width - 1;
    while (i > 0 || j > 0) {
      byte edit = edits[i][j];
      backward[count++] = edit;
      i -= edit == INSERTED ? 0 : 1;
      j -= edit == DELETED ? 0 : 1;
    }
    byte[] way = new byte[count];
    for (int k = 0; k < count; k++) {
      way[k] = backward[count - 1 - k];
    }
    return way;
  }
}
