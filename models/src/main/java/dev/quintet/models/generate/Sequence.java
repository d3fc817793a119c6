package dev.quintet.models.generate;

import java.util.Arrays;

/// One sequence that is being generated, as a [LogitsProcessor] sees it.
///
/// The arrays are not copied: treat them as read-only.
public final class Sequence {
  /// Room for ids at first.
  private static final int ROOM = 128;

  private final int input;
  private final int[] source;
  private final int promptLength;
  private final int capacity;
  private int[] ids;
  private int length;

  /// A sequence that begins with a prompt.
  ///
  /// @param input the input's row
  /// @param source the input's ids
  /// @param prompt the decoder's first ids
  /// @param capacity the most ids there will be
  Sequence(int input, int[] source, int[] prompt, int capacity) {
    this.input = input;
    this.source = source;
    this.promptLength = prompt.length;
    this.capacity = Math.max(prompt.length, capacity);
    this.ids = Arrays.copyOf(prompt, Math.max(prompt.length, Math.min(ROOM, capacity)));
    this.length = prompt.length;
  }

  /// Another sequence of the same input with equal ids.
  Sequence copy() {
    var copy = new Sequence(input, source, Arrays.copyOf(ids, promptLength), capacity);
    copy.become(this);
    return copy;
  }

  /// Takes over the ids of another sequence of the same input.
  void become(Sequence other) {
    makeRoom(other.length);
    System.arraycopy(other.ids, 0, ids, 0, other.length);
    length = other.length;
  }

  /// The input's row in the batch.
  public int input() {
    return input;
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

  /// The ids without a copy, and room behind them.
  int[] buffer() {
    return ids;
  }

  /// Whether the ids from here on equal the first of others.
  boolean startsAt(int position, int[] others, int count) {
    return startsAt(position, others, 0, count);
  }

  /// Whether the ids from here on equal others.
  boolean startsAt(int position, int[] others, int from, int count) {
    return position >= 0
        && position + count <= length
        && Arrays.equals(ids, position, position + count, others, from, from + count);
  }

  void append(int id) {
    makeRoom(length + 1);
    ids[length++] = id;
  }

  private void makeRoom(int count) {
    if (count > ids.length) {
      ids = Arrays.copyOf(ids, (int) Math.max(count, Math.min(2L * ids.length, capacity)));
    }
  }
}
