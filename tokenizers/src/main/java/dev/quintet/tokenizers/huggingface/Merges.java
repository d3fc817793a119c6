package dev.quintet.tokenizers.huggingface;

/// The merges of a BPE model, best first, as they are spelled in a file.
///
/// @param left the left halves
/// @param right the right halves
/// @param pairs whether the file spells them as pairs, and not as strings with a space between
public record Merges(String[] left, String[] right, boolean pairs) {

  static final Merges NONE = new Merges(new String[0], new String[0], true);

  int size() {
    return left.length;
  }
}
