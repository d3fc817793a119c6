/// What the trainers of SentencePiece models share: options, which strings may be pieces, and the
/// prepared corpus. All as in sentencepiece 0.2.2, whose results the trainers equal.
///
/// Start at [dev.quintet.tokenizers.train.SentencePieceOptions]. The trainers stand beside their
/// models in `dev.quintet.tokenizers.unigram` and `dev.quintet.tokenizers.bpe`, and are run by
/// `dev.quintet.tokenizers.sentencepiece.SentencePieceTrainer`.
@NullMarked
package dev.quintet.tokenizers.train;

import org.jspecify.annotations.NullMarked;
