package dev.quintet.tokenizers.sentencepiece;

import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A text as pieces. The arrays are not copied: treat them as read-only.
///
/// @param ids the ids
/// @param pieces the pieces; what no piece covers stands with its own normalized text
/// @param starts where each begins in the text, in UTF-16 units
/// @param ends where each ends
/// @param score what the operation says about it; 0 where it says nothing
public record Segmentation(int[] ids, List<String> pieces, int[] starts, int[] ends, float score) {

  /// The number of pieces.
  ///
  /// @return the number of pieces
  public int size() {
    return ids.length;
  }

  Segmentation reversed() {
    int[] newIds = new int[size()];
    int[] newStarts = new int[size()];
    int[] newEnds = new int[size()];
    for (int i = 0; i < newIds.length; i++) {
      int from = newIds.length - 1 - i;
      newIds[i] = ids[from];
      newStarts[i] = starts[from];
      newEnds[i] = ends[from];
    }
    return new Segmentation(newIds, pieces.reversed(), newStarts, newEnds, score);
  }

  /// With a mark of no width before the piece `i`.
  Segmentation inserted(int i, int id, SentencePieceModel model, int place) {
    List<String> newPieces = new ArrayList<>(pieces);
    newPieces.add(i, model.piece(id));
    return new Segmentation(
        inserted(ids, i, id),
        newPieces,
        inserted(starts, i, place),
        inserted(ends, i, place),
        score);
  }

  private static int[] inserted(int[] array, int i, int value) {
    int[] longer = new int[array.length + 1];
    System.arraycopy(array, 0, longer, 0, i);
    longer[i] = value;
    System.arraycopy(array, i, longer, i + 1, array.length - i);
    return longer;
  }

  /// With one name for all pieces of an id.
  Segmentation named(int id, String name) {
    List<String> newPieces = new ArrayList<>(pieces);
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == id) {
        newPieces.set(i, name);
      }
    }
    return new Segmentation(ids, newPieces, starts, ends, score);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Segmentation that
        && Arrays.equals(ids, that.ids)
        && pieces.equals(that.pieces)
        && Arrays.equals(starts, that.starts)
        && Arrays.equals(ends, that.ends)
        && Float.compare(score, that.score) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ids) + Float.hashCode(score);
  }

  @Override
  public String toString() {
    return pieces + " " + score;
  }
}
