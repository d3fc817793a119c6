package dev.quintet.models.generate;

/// Says which tokens may come next: a grammar, a list of names, a trie of phrases
/// (`prefix_allowed_tokens_fn` of transformers).
@FunctionalInterface
public interface AllowedTokens {

  /// The ids that may follow, at least one.
  ///
  /// @param input the input's row
  /// @param sequence what has been generated so far
  int[] allowed(int input, Sequence sequence);
}
