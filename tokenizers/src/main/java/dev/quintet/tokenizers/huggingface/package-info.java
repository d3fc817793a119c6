/// The files of Hugging Face's libraries: `tokenizer.json`, `tokenizer_config.json` with its neighbours, and vocabularies
/// with merges. Strict readers say what is wrong where, and writers give back the same bytes; what is read is kept as
/// plain descriptions, which know nothing of encoding.
///
/// Start at [dev.quintet.tokenizers.huggingface.TokenizerJson]. Running what a file describes is in `dev.quintet.tokenizers`.
@NullMarked
package dev.quintet.tokenizers.huggingface;

import org.jspecify.annotations.NullMarked;
