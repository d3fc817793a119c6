package dev.quintet.benchmarks.tokenizers;

/// A tokenizer as benchmarks see it, ours or a peer's: strings in, arrays of ids out, no special tokens.
interface Codec {

  /// Encodes a text.
  ///
  /// @return the ids in the tokenizer's own form, which [#decode] takes back
  Object encode(String text);

  /// Turns ids back into text.
  ///
  /// @param encoded what [#encode] returned
  String decode(Object encoded);

  /// The ids as an array.
  ///
  /// @param encoded what [#encode] returned
  int[] ids(Object encoded);
}
