package dev.quintet.tokenizers.huggingface;

import java.util.OptionalInt;

/// A unigram model, as a `tokenizer.json` describes it.
///
/// @param vocabulary the pieces; ids count from 0 without gaps
/// @param scores the pieces' scores by id; not copied
/// @param unknown the piece for what no other covers
/// @param byteFallback whether what no piece covers becomes bytes, where these are pieces
@SuppressWarnings("ArrayRecordComponent")
public record UnigramSpec(
    Vocabulary vocabulary, double[] scores, OptionalInt unknown, boolean byteFallback)
    implements ModelSpec {}
