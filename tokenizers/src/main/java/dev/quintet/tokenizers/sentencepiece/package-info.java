/// SentencePiece models at work: from text to pieces with their places, and back.
/// Equal to sentencepiece 0.2.2 in every id, offset and decoded text.
///
/// Start at [dev.quintet.tokenizers.sentencepiece.SentencePiece]. The segmentation itself is in
/// `dev.quintet.tokenizers.unigram` and `dev.quintet.tokenizers.bpe`, the normalizer in
/// `dev.quintet.tokenizers.normalize`, the file in `dev.quintet.tokenizers.format`.
@NullMarked
package dev.quintet.tokenizers.sentencepiece;

import org.jspecify.annotations.NullMarked;
