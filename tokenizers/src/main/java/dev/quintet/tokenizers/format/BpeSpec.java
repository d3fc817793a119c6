package dev.quintet.tokenizers.format;

import java.util.Optional;

/// A byte-level BPE model, as a file describes it.
///
/// @param vocabulary the tokens
/// @param merges the merges, best first, three numbers each: the ids of the left half, of the right
///     half and of what they make; not copied
/// @param unknown the token for bytes that the vocabulary lacks; without one they are dropped
/// @param fuseUnknown whether unknown bytes in a row make one unknown token
/// @param byteFallback whether a byte whose letter the vocabulary lacks becomes the tokens of the
///     letter's own UTF-8 bytes, such as `<0xC4>`, where there are these
/// @param ignoreMerges whether a word that is a token is that token, whatever the merges say
public record BpeSpec(
    Vocabulary vocabulary,
    int[] merges,
    Optional<String> unknown,
    boolean fuseUnknown,
    boolean byteFallback,
    boolean ignoreMerges)
    implements ModelSpec {}
