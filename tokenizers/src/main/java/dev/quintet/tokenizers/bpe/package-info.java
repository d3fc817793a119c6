/// Byte-pair encoding, of bytes as in Hugging Face's tokenizers 0.23 and of text as in sentencepiece
/// 0.2.2: the models that merge, and their trainers, equal to both in every id and every merge.
///
/// Start at [dev.quintet.tokenizers.bpe.ByteBpeTrainer]. Cutting a text into words is in
/// [dev.quintet.tokenizers.pretokenize]; whole texts, added tokens and templates are in
/// `dev.quintet.tokenizers.tokenizer`.
@NullMarked
package dev.quintet.tokenizers.bpe;

import org.jspecify.annotations.NullMarked;
