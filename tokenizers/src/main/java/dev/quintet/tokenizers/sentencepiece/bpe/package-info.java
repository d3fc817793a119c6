/// Byte-pair encoding of whole texts as in sentencepiece 0.2.2: the model, twice, and its trainer.
///
/// Start at [dev.quintet.tokenizers.sentencepiece.bpe.SentencePieceBpe]. Byte-pair encoding of words is in
/// `dev.quintet.tokenizers.bpe`.
@NullMarked
package dev.quintet.tokenizers.sentencepiece.bpe;

import org.jspecify.annotations.NullMarked;
