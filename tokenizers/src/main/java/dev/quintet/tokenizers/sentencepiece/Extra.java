package dev.quintet.tokenizers.sentencepiece;

/// What may be done to pieces after encoding, as SentencePiece's `extra_options`.
public enum Extra {
  /// Turns the order around.
  REVERSE,
  /// Puts the model's begin mark in front.
  BOS,
  /// Puts the model's end mark at the end.
  EOS,
  /// Writes the unknown piece where a text stands that no piece covers.
  UNKNOWN_PIECE
}
