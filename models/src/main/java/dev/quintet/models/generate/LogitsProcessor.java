package dev.quintet.models.generate;

/// Changes the scores of the next token: a penalty, a prohibition, a preference of one's own.
///
/// Called once a row and token, in the order of transformers' list, one's own last.
@FunctionalInterface
public interface LogitsProcessor {

  /// Changes scores in place.
  ///
  /// @param sequence what has been generated so far
  /// @param scores `[V]`: logits in greedy decoding; negative infinity forbids a token
  void process(Sequence sequence, float[] scores);
}
