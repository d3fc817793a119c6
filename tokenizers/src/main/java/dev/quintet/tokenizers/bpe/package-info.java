/// Byte-level byte-pair encoding: the model that merges the bytes of one word, and its trainer.
/// Both equal Hugging Face's tokenizers 0.23 in every id and every merge.
///
/// Start at [dev.quintet.tokenizers.bpe.ByteBpeTrainer]. Cutting a text into words is in [dev.quintet.tokenizers.pretokenize];
/// whole texts, added tokens and templates are in `dev.quintet.tokenizers.tokenizer`.
@NullMarked
package dev.quintet.tokenizers.bpe;

import org.jspecify.annotations.NullMarked;
