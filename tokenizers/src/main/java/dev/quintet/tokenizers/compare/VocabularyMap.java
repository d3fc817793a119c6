package dev.quintet.tokenizers.compare;

import dev.quintet.tokenizers.Tokenizer;
import java.util.Arrays;

/// How the rows of a new vocabulary's embedding are made of those of an old one: each is the mean of some
/// old rows, and a copy where there is one. Plain data in compressed rows: new id t has the old ids
/// `oldIds[offsets[t]]` to `oldIds[offsets[t + 1] - 1]`.
///
/// A new id without any (a gap, padding, a special token that the old vocabulary has no counterpart of) has
/// no source; whoever applies the map decides what it gets.
///
/// @param oldSize the number of old ids
/// @param offsets one more than there are new ids, rising from 0; not copied
/// @param oldIds the old ids; one may stand several times. Not copied
@SuppressWarnings("ArrayRecordComponent")
public record VocabularyMap(int oldSize, int[] offsets, int[] oldIds) {

  /// Checks that the parts fit.
  ///
  /// @throws IllegalArgumentException when the offsets fall or do not end at the number of old ids listed, or an
  ///     old id is out of range
  public VocabularyMap {
    boolean rising = offsets.length > 0 && offsets[0] == 0;
    for (int i = 1; rising && i < offsets.length; i++) {
      rising = offsets[i] >= offsets[i - 1];
    }
    if (!rising || offsets[offsets.length - 1] != oldIds.length) {
      throw new IllegalArgumentException(
          "VocabularyMap: expected offsets that rise from 0 to " + oldIds.length);
    }
    for (int id : oldIds) {
      if (id < 0 || id >= oldSize) {
        throw new IllegalArgumentException(
            "VocabularyMap: expected old ids from 0 to " + (oldSize - 1) + ", got " + id);
      }
    }
  }

  /// Maps by fast vocabulary transfer (Gee et al. 2022, arXiv 2402.09977): a token that the old
  /// vocabulary has is a copy; any other is the mean of the tokens that the old tokenizer cuts it into, as the
  /// beginning of a word or as a continuation, whichever it is. Tokens are compared by what they stand for, so
  /// that `Ġthe` is a copy of `▁the`. The tokens for padding, end and unknown, and sentinels, are copies of
  /// those with the same role; other special tokens of those with the same name, or have no source.
  ///
  /// What the old tokenizer has nothing for has the old unknown token's row, and white space that it normalizes
  /// away that of a space.
  ///
  /// @param old the tokenizer that the rows were trained with
  /// @param now the tokenizer that rows are wanted for
  /// @return the map
  public static VocabularyMap transfer(Tokenizer old, Tokenizer now) {
    return new VocabularyTransfer(old, now).map();
  }

  /// The number of new ids.
  ///
  /// @return the number of new ids
  public int newSize() {
    return offsets.length - 1;
  }

  /// The number of old rows that make a new one.
  ///
  /// @param newId the new id
  /// @return 0 without a source, 1 for a copy
  public int count(int newId) {
    return offsets[newId + 1] - offsets[newId];
  }

  /// The old rows that make a new one.
  ///
  /// @param newId the new id
  /// @return their ids
  public int[] sources(int newId) {
    return Arrays.copyOfRange(oldIds, offsets[newId], offsets[newId + 1]);
  }

  /// This map with more new ids, which have no source; such as for an embedding whose rows are
  /// a multiple of 128.
  ///
  /// @param rows the number of new ids
  /// @return the map
  /// @throws IllegalArgumentException when there are more already
  public VocabularyMap withRows(int rows) {
    if (rows < newSize()) {
      throw new IllegalArgumentException(
          "VocabularyMap: expected at least " + newSize() + " rows, got " + rows);
    }
    int[] more = Arrays.copyOf(offsets, rows + 1);
    Arrays.fill(more, offsets.length, rows + 1, oldIds.length);
    return new VocabularyMap(oldSize, more, oldIds);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VocabularyMap that
        && oldSize == that.oldSize
        && Arrays.equals(offsets, that.offsets)
        && Arrays.equals(oldIds, that.oldIds);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * oldSize + Arrays.hashCode(offsets)) + Arrays.hashCode(oldIds);
  }

  @Override
  public String toString() {
    return "VocabularyMap[" + oldSize + " to " + newSize() + "]";
  }
}
