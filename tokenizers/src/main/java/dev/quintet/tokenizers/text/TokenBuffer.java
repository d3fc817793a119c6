package dev.quintet.tokenizers.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A growing list of tokens with their places in the text. Not for use by several threads.
public final class TokenBuffer {

  private static final int MAX_KEPT = 1 << 20;

  private int[] ids;
  private int[] starts;
  private int[] ends;
  private int size;

  /// By index, the tokens that are not spelled as their ids are, but as they were found.
  private final Map<Integer, String> found = new HashMap<>();

  /// Makes an empty buffer.
  ///
  /// @param expected how many tokens are expected
  public TokenBuffer(int expected) {
    int capacity = Math.max(expected, 8);
    ids = new int[capacity];
    starts = new int[capacity];
    ends = new int[capacity];
  }

  /// Adds a token.
  ///
  /// @param id its id
  /// @param start where it begins in the text, in UTF-16 units
  /// @param end where it ends
  public void add(int id, int start, int end) {
    if (size == ids.length) {
      int capacity = Math.addExact(size, size);
      ids = Arrays.copyOf(ids, capacity);
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
    }
    ids[size] = id;
    starts[size] = start;
    ends[size++] = end;
  }

  /// Forgets all tokens; keeps the memory unless it is much.
  public void clear() {
    size = 0;
    found.clear();
    if (ids.length > MAX_KEPT) {
      ids = new int[MAX_KEPT];
      starts = new int[MAX_KEPT];
      ends = new int[MAX_KEPT];
    }
  }

  /// Adds a stretch of another buffer's tokens, spellings included.
  ///
  /// @param other the other buffer
  /// @param from the first one to add
  /// @param to the one after the last to add
  public void addAll(TokenBuffer other, int from, int to) {
    for (int i = from; i < to; i++) {
      add(other.ids[i], other.starts[i], other.ends[i]);
      if (!other.found.isEmpty()) {
        other.spelling(i).ifPresent(text -> found.put(size - 1, text));
      }
    }
  }

  /// Keeps a stretch of the tokens.
  ///
  /// @param from the first one to keep
  /// @param to the one after the last to keep
  public void keep(int from, int to) {
    Map<Integer, String> kept = new HashMap<>();
    found.forEach((i, text) -> {
      if (i >= from && i < to) {
        kept.put(i - from, text);
      }
    });
    found.clear();
    found.putAll(kept);
    size = to - from;
    System.arraycopy(ids, from, ids, 0, size);
    System.arraycopy(starts, from, starts, 0, size);
    System.arraycopy(ends, from, ends, 0, size);
  }

  /// Says that a token is spelled as it was found, and not as its id is.
  ///
  /// @param i its index
  /// @param text how
  public void spell(int i, String text) {
    found.put(i, text);
  }

  /// How a token is spelled.
  ///
  /// @param i its index
  /// @return how it was found, or nothing where it is spelled as its id is
  public Optional<String> spelling(int i) {
    return Optional.ofNullable(found.get(i));
  }

  /// Takes the last token away; there is one.
  public void removeLast() {
    found.remove(--size);
  }

  /// The number of tokens.
  ///
  /// @return the number of tokens
  public int size() {
    return size;
  }

  /// The id of a token.
  ///
  /// @param i its index
  /// @return its id
  public int id(int i) {
    return ids[i];
  }

  /// Where a token begins.
  ///
  /// @param i its index
  /// @return the index of its first UTF-16 unit
  public int start(int i) {
    return starts[i];
  }

  /// Where a token ends.
  ///
  /// @param i its index
  /// @return the index after its last UTF-16 unit
  public int end(int i) {
    return ends[i];
  }

  /// Changes where a token stands.
  ///
  /// @param i its index
  /// @param start the index of its first UTF-16 unit
  /// @param end the index after its last UTF-16 unit
  public void move(int i, int start, int end) {
    starts[i] = start;
    ends[i] = end;
  }

  /// Turns places in bytes into places in UTF-16 units; a place inside a character becomes its
  /// begin, or for a token's end, its end.
  ///
  /// @param first the first token to change
  /// @param utf8 the text that the places are in
  /// @param shift what is added to each place
  /// @param ascii whether each of its bytes is a character
  public void toUnits(int first, byte[] utf8, int shift, boolean ascii) {
    if (ascii) {
      for (int i = first; i < size; i++) {
        starts[i] += shift;
        ends[i] += shift;
      }
      return;
    }
    int at = 0;
    int unit = shift;
    for (int i = first; i < size; i++) {
      int start = Utf8.characterStart(utf8, starts[i]);
      // Tokens of one character's bytes go back to its begin.
      unit += start >= at ? Utf8.units(utf8, at, start) : -Utf8.units(utf8, start, at);
      at = start;
      starts[i] = unit;
      int end = ends[i];
      while (end < utf8.length && utf8[end] < (byte) 0xC0) {
        end++;
      }
      unit += Utf8.units(utf8, at, end);
      at = end;
      ends[i] = unit;
    }
  }

  /// All ids.
  ///
  /// @return a new array
  public int[] ids() {
    return Arrays.copyOf(ids, size);
  }

  /// All begins.
  ///
  /// @return a new array
  public int[] starts() {
    return Arrays.copyOf(starts, size);
  }

  /// All ends.
  ///
  /// @return a new array
  public int[] ends() {
    return Arrays.copyOf(ends, size);
  }
}
