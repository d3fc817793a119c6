package dev.quintet.tokenizers.normalize;

/// A stretch of text with, for each of its characters, the stretch of the original that it comes
/// from. Immutable; parts share the arrays.
public final class AlignedText {

  private static final int[] UNMOVED = new int[0];

  private final String text;
  private final int start;
  private final int end;

  /// For each unit of the text where its character's origin begins and ends; both empty where the
  /// text is the original.
  private final int[] starts;

  private final int[] ends;

  AlignedText(String text, int start, int end, int[] starts, int[] ends) {
    this.text = text;
    this.start = start;
    this.end = end;
    this.starts = starts;
    this.ends = ends;
  }

  /// A stretch of the original.
  ///
  /// @param original the original
  /// @param start where the stretch begins
  /// @param end where it ends
  /// @return the stretch
  public static AlignedText of(String original, int start, int end) {
    return new AlignedText(original, start, end, UNMOVED, UNMOVED);
  }

  /// A part of this stretch.
  ///
  /// @param from where the part begins, as an index in [#text]
  /// @param to where it ends
  /// @return the part
  public AlignedText part(int from, int to) {
    return from == start && to == end ? this : new AlignedText(text, from, to, starts, ends);
  }

  /// The text that holds the stretch.
  ///
  /// @return the text, which may be longer
  public String text() {
    return text;
  }

  /// Where the stretch begins in [#text].
  ///
  /// @return the index of its first UTF-16 unit
  public int start() {
    return start;
  }

  /// Where the stretch ends in [#text].
  ///
  /// @return the index after its last UTF-16 unit
  public int end() {
    return end;
  }

  /// Whether the stretch has no characters.
  ///
  /// @return whether it is empty
  public boolean isEmpty() {
    return start == end;
  }

  /// The stretch alone.
  ///
  /// @return its characters
  public String string() {
    return text.substring(start, end);
  }

  /// Whether places in the text are places in the original.
  ///
  /// @return whether nothing was moved
  public boolean isOriginal() {
    return starts.length == 0;
  }

  /// Where the first character comes from.
  ///
  /// @return the index in the original, 0 for an empty stretch
  public int origin() {
    return isEmpty() ? 0 : startOf(start);
  }

  /// Where a character's origin begins.
  ///
  /// @param unit the index in [#text] of one of its units
  /// @return the index in the original
  public int startOf(int unit) {
    if (starts.length > 0) {
      return starts[unit];
    }
    return Character.isLowSurrogate(text.charAt(unit)) ? unit - 1 : unit;
  }

  /// Where a character's origin ends.
  ///
  /// @param unit the index in [#text] of one of its units
  /// @return the index in the original
  public int endOf(int unit) {
    if (ends.length > 0) {
      return ends[unit];
    }
    return Character.isHighSurrogate(text.charAt(unit)) ? unit + 2 : unit + 1;
  }
}
