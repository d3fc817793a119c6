/// Byte-pair encoding of words, of bytes or characters, as in Hugging Face's tokenizers 0.23: the models that merge, and
/// a trainer equal to that library's in every id and every merge; with the files of tiktoken.
///
/// Start at [dev.quintet.tokenizers.bpe.ByteBpeTrainer]. Cutting a text into words is in
/// [dev.quintet.tokenizers.pretokenize]; whole texts, added tokens and templates are in `dev.quintet.tokenizers`. SentencePiece's is
/// in `dev.quintet.tokenizers.sentencepiece.bpe`.
@NullMarked
package dev.quintet.tokenizers.bpe;

import org.jspecify.annotations.NullMarked;
