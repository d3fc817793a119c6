package dev.quintet.tokenizers.pretokenize;

/// Cuts UTF-8 into words, one after the other. Immutable; any number of threads may use one.
@FunctionalInterface
public interface ByteSplitter {

  /// Leaves everything whole.
  ByteSplitter WHOLE = (_, _, end) -> end;

  /// Says where a word ends.
  ///
  /// @param utf8 the text, valid
  /// @param at where the word begins: where the text does, or the word before it ended
  /// @param end where the text ends, after `at`
  /// @return where the word ends, after `at`
  int next(byte[] utf8, int at, int end);
}
