/// What the trainers of SentencePiece models share: options, which strings may be pieces, and the
/// prepared corpus. All as in sentencepiece 0.2.2, whose results the trainers equal.
///
/// Start at [dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions]. The trainers stand beside their
/// models in `unigram` and `bpe`, and are run by `dev.quintet.tokenizers.sentencepiece.SentencePieceTrainer`.
@NullMarked
package dev.quintet.tokenizers.sentencepiece.train;

import org.jspecify.annotations.NullMarked;
