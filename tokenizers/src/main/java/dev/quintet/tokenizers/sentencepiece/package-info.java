/// SentencePiece models at work: from text to pieces with their places, and back; and their training.
/// Equal to sentencepiece 0.2.2 in every id, offset and decoded text.
///
/// Start at [dev.quintet.tokenizers.sentencepiece.SentencePiece]. The segmentation itself is in `unigram` and `bpe`
/// below, the normalizer in `normalize`, the files in `file`, and what trainers share in `train`.
@NullMarked
package dev.quintet.tokenizers.sentencepiece;

import org.jspecify.annotations.NullMarked;
