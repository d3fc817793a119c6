package dev.quintet.tokenizers;

import java.util.Arrays;

/// The tokens of one text: their ids and where each stands in the text.
///
/// Offsets count UTF-16 units of the encoded text (indices into the `CharSequence`, end exclusive), so
/// `text.subSequence(start(i), end(i))` is the stretch that token `i` covers. A token that covers part of a
/// character has the offsets of the whole character; a token added by the template (such as `</s>`) has 0 and 0.
/// The arrays are not copied: treat them as read-only.
///
/// @param ids the token ids
/// @param starts for each token the index of its first UTF-16 unit
/// @param ends for each token the index after its last UTF-16 unit
public record Encoding(int[] ids, int[] starts, int[] ends) {

  /// Checks that the three arrays are of one length.
  ///
  /// @throws IllegalArgumentException when they are not
  public Encoding {
    if (ids.length != starts.length || ids.length != ends.length) {
      throw new IllegalArgumentException(
          "Encoding: expected three arrays of one length, got "
              + ids.length
              + ", "
              + starts.length
              + " and "
              + ends.length);
    }
  }

  /// The number of tokens.
  ///
  /// @return the number of tokens
  public int size() {
    return ids.length;
  }

  /// The id of one token.
  ///
  /// @param i the token's index, 0 to `size() - 1`
  /// @return its id
  public int id(int i) {
    return ids[i];
  }

  /// Where a token begins in the text.
  ///
  /// @param i the token's index, 0 to `size() - 1`
  /// @return the index of its first UTF-16 unit
  public int start(int i) {
    return starts[i];
  }

  /// Where a token ends in the text.
  ///
  /// @param i the token's index, 0 to `size() - 1`
  /// @return the index after its last UTF-16 unit
  public int end(int i) {
    return ends[i];
  }

  /// The same with offsets in bytes of the text's UTF-8, in time linear in the text's length.
  ///
  /// @param text the text that was encoded; a lone surrogate counts as U+FFFD
  /// @return the encoding
  public Encoding inBytes(CharSequence text) {
    int[] bytes = new int[text.length() + 1];
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean second = i > 0 && pairAt(text, i - 1);
      bytes[i + 1] =
          second ? bytes[i] : bytes[i] + (c < 0x80 ? 1 : c < 0x800 ? 2 : pairAt(text, i) ? 4 : 3);
    }
    return mapped(bytes);
  }

  /// The same with offsets in code points of the text, in time linear in the text's length.
  ///
  /// @param text the text that was encoded
  /// @return the encoding
  public Encoding inCodePoints(CharSequence text) {
    int[] points = new int[text.length() + 1];
    for (int i = 0; i < text.length(); i++) {
      points[i + 1] = points[i] + (i > 0 && pairAt(text, i - 1) ? 0 : 1);
    }
    return mapped(points);
  }

  private static boolean pairAt(CharSequence text, int i) {
    return i + 1 < text.length()
        && Character.isHighSurrogate(text.charAt(i))
        && Character.isLowSurrogate(text.charAt(i + 1));
  }

  private Encoding mapped(int[] places) {
    return new Encoding(
        ids,
        Arrays.stream(starts).map(i -> places[i]).toArray(),
        Arrays.stream(ends).map(i -> places[i]).toArray());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Encoding that
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(starts, that.starts)
        && Arrays.equals(ends, that.ends);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(ids) + Arrays.hashCode(starts)) + Arrays.hashCode(ends);
  }

  @Override
  public String toString() {
    return "Encoding" + Arrays.toString(ids);
  }
}
