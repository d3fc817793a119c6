/// SentencePiece's normalizer, the character maps that it runs, and the rules that they are compiled from.
///
/// Start at [dev.quintet.tokenizers.sentencepiece.normalize.SentencePieceNormalizer]. The normalizers of a
/// `tokenizer.json` are in `dev.quintet.tokenizers.normalize`.
@NullMarked
package dev.quintet.tokenizers.sentencepiece.normalize;

import org.jspecify.annotations.NullMarked;
