package dev.quintet.models.generate;

/// Hears of each token as soon as the host knows of it, for showing text while it is generated; where a device chooses tokens
/// by itself, up to eight come at once.
@FunctionalInterface
public interface TokenListener {
  /// Hears nothing.
  TokenListener NONE = (row, id) -> {};

  /// Hears of a token; rows that have ended are silent.
  ///
  /// @param row the row of the result: the input's, times the sequences of each, plus the sequence's number
  /// @param id the token
  void token(int row, int id);
}
