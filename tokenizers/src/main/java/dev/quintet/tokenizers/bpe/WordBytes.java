package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.format.ByteLetters;

/// The UTF-8 bytes of a word, each with the character that it belongs to.
final class WordBytes {

  final byte[] bytes;

  /// For each byte where its character begins in the text.
  final int[] starts;

  /// For each byte where its character ends in the text.
  final int[] ends;

  int size;

  WordBytes(String text, int start, int end) {
    // A UTF-16 unit gives at most three bytes.
    int capacity = Math.multiplyExact(3, end - start);
    bytes = new byte[capacity];
    starts = new int[capacity];
    ends = new int[capacity];
    for (int i = start; i < end; ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (c < 0x80) {
        add(c, i, next);
      } else if (c < 0x800) {
        add(0xC0 | c >> 6, i, next);
        add(0x80 | c & 0x3F, i, next);
      } else if (c < 0x10000) {
        add(0xE0 | c >> 12, i, next);
        add(0x80 | c >> 6 & 0x3F, i, next);
        add(0x80 | c & 0x3F, i, next);
      } else {
        add(0xF0 | c >> 18, i, next);
        add(0x80 | c >> 12 & 0x3F, i, next);
        add(0x80 | c >> 6 & 0x3F, i, next);
        add(0x80 | c & 0x3F, i, next);
      }
      i = next;
    }
  }

  private void add(int value, int start, int end) {
    bytes[size] = (byte) value;
    starts[size] = start;
    ends[size++] = end;
  }

  /// The word in byte letters, as it would stand in a vocabulary.
  String letters() {
    char[] letters = new char[size];
    for (int i = 0; i < size; i++) {
      letters[i] = ByteLetters.letter(bytes[i] & 0xFF);
    }
    return new String(letters);
  }
}
