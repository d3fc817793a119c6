package dev.quintet.tokenizers.huggingface;

import java.util.Optional;

/// A BPE model, as a file describes it; a `dropout` there is not part of it, as texts are encoded the same each time.
///
/// @param vocabulary the tokens
/// @param merges the merges, best first, three numbers each: the ids of the left half, of the right
///     half and of what they make; not copied
/// @param unknown the token for characters that the vocabulary lacks; without one they are dropped
/// @param fuseUnknown whether unknown characters in a row make one unknown token
/// @param byteFallback whether a character that the vocabulary lacks becomes the tokens of its UTF-8
///     bytes, such as `<0xC4>`, where there are these
/// @param ignoreMerges whether a word that is a token is that token, whatever the merges say
/// @param continuingPrefix what characters get before them that do not begin a word; may be empty
/// @param wordSuffix what a word's last character gets after it; may be empty
@SuppressWarnings("ArrayRecordComponent")
public record BpeSpec(
    Vocabulary vocabulary,
    int[] merges,
    Optional<String> unknown,
    boolean fuseUnknown,
    boolean byteFallback,
    boolean ignoreMerges,
    String continuingPrefix,
    String wordSuffix)
    implements ModelSpec {

  /// A model without prefix and suffix, such as a byte-level one.
  ///
  /// @param vocabulary the tokens
  /// @param merges the merges, best first
  /// @param unknown the token for characters that the vocabulary lacks
  /// @param fuseUnknown whether unknown characters in a row make one unknown token
  /// @param byteFallback whether a character that the vocabulary lacks becomes bytes
  /// @param ignoreMerges whether a word that is a token is that token
  public BpeSpec(
      Vocabulary vocabulary,
      int[] merges,
      Optional<String> unknown,
      boolean fuseUnknown,
      boolean byteFallback,
      boolean ignoreMerges) {
    this(vocabulary, merges, unknown, fuseUnknown, byteFallback, ignoreMerges, "", "");
  }
}
