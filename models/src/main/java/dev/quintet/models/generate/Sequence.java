package dev.quintet.models.generate;

import java.util.Arrays;

/// One sequence that is being generated, as a [LogitsProcessor] sees it.
///
/// The arrays are not copied: treat them as read-only.
public final class Sequence {
  private final int[] source;
  private final int promptLength;
  private final int[] ids;
  private int length;

  Sequence(int[] source, int[] prompt, int capacity) {
    this.source = source;
    this.promptLength = prompt.length;
    this.ids = Arrays.copyOf(prompt, Math.max(prompt.length, capacity));
    this.length = prompt.length;
  }

  /// This sequence with one more id.
  Sequence with(int id) {
    var longer = new Sequence(this, ids.clone());
    longer.append(id);
    return longer;
  }

  private Sequence(Sequence other, int[] ids) {
    this.source = other.source;
    this.promptLength = other.promptLength;
    this.ids = ids;
    this.length = other.length;
  }

  /// The input's ids, its padding included.
  public int[] source() {
    return source;
  }

  /// How many ids the decoder was given, the start id included.
  public int promptLength() {
    return promptLength;
  }

  /// How many ids there are now, the start id included.
  public int length() {
    return length;
  }

  /// An id.
  ///
  /// @param position from 0, where the start id is, to `length() - 1`
  public int id(int position) {
    return ids[position];
  }

  /// A copy of the ids.
  public int[] ids() {
    return Arrays.copyOf(ids, length);
  }

  /// Whether the ids from here on equal these.
  boolean startsAt(int position, int[] others, int count) {
    return position >= 0
        && position + count <= length
        && Arrays.equals(ids, position, position + count, others, 0, count);
  }

  void append(int id) {
    ids[length++] = id;
  }
}
