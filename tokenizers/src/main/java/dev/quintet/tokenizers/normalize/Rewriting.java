package dev.quintet.tokenizers.normalize;

import java.util.Arrays;

/// Makes a text of another one, character by character, and keeps track of where each comes from by
/// the rules of Hugging Face's library: a character that takes the place of one comes from where
/// that one does, a character that is added from where the one before it in the old text does.
public final class Rewriting {

  private static final int NOTHING = -1;

  private final AlignedText old;

  /// The first unit of the old text that nothing has taken the place of.
  private int at;

  private final StringBuilder text;
  private int[] starts;
  private int[] ends;

  /// A character that was added last and may yet take the place of one.
  private int added = NOTHING;

  /// Begins a new text.
  ///
  /// @param old the old one
  public Rewriting(AlignedText old) {
    this.old = old;
    this.at = old.start();
    int capacity = old.end() - old.start() + 8;
    this.text = new StringBuilder(capacity);
    this.starts = new int[capacity];
    this.ends = new int[capacity];
  }

  /// Goes on in the old text without taking anything.
  public void skipTo(int unit) {
    flush();
    at = unit;
  }

  /// Takes characters of the old text as they are.
  public void copy(int from, int to) {
    flush();
    String source = old.text();
    if (at != from) {
      int c;
      for (int i = from; i < to; i += Character.charCount(c)) {
        c = source.codePointAt(i);
        replace(c);
      }
      return;
    }
    int size = text.length();
    text.append(source, from, to);
    ensure();
    for (int i = from; i < to; i++) {
      starts[size] = old.startOf(i);
      ends[size++] = old.endOf(i);
    }
    at = to;
  }

  /// Puts a character in the place of the next one.
  void replace(int c) {
    flush();
    // What the reference counts wrong could lead past the end.
    int unit = Math.min(at, old.end() - 1);
    append(c, old.startOf(unit), old.endOf(unit));
    skip(1);
  }

  /// Adds a character.
  public void add(int c) {
    flush();
    added = c;
  }

  /// Takes back some of the characters that the last one stands for more than itself.
  void shrink(int characters) {
    if (added != NOTHING) {
      int c = added;
      added = NOTHING;
      replace(c);
      skip(characters - 1);
    } else if (!text.isEmpty()) {
      skip(characters);
    }
  }

  /// Puts a character that stands for as many of the old text's as `change` says besides one.
  public void put(int c, int change) {
    if (change > 0) {
      add(c);
    } else {
      replace(c);
      skip(-change);
    }
  }

  private void skip(int characters) {
    for (int i = 0; i < characters && at < old.end(); i++) {
      at += Character.charCount(old.text().codePointAt(at));
    }
  }

  private void flush() {
    if (added == NOTHING) {
      return;
    }
    int c = added;
    added = NOTHING;
    if (at == old.start()) {
      append(c, old.origin(), old.origin());
    } else {
      append(c, old.startOf(at - 1), old.endOf(at - 1));
    }
  }

  private void append(int c, int start, int end) {
    int from = text.length();
    text.appendCodePoint(c);
    ensure();
    Arrays.fill(starts, from, text.length(), start);
    Arrays.fill(ends, from, text.length(), end);
  }

  private void ensure() {
    if (text.length() > starts.length) {
      int capacity = Math.max(text.length(), 2 * starts.length);
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
    }
  }

  /// Ends the new text.
  ///
  /// @return the text with its origins
  public AlignedText result() {
    flush();
    return text.isEmpty()
        ? AlignedText.of("", 0, 0)
        : new AlignedText(text.toString(), 0, text.length(), starts, ends);
  }
}
