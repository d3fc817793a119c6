/// Tokenizer files: strict readers that say what is wrong where, and writers that give back the same bytes.
/// What is read is kept as plain descriptions, which know nothing of encoding.
///
/// Start at [dev.quintet.tokenizers.format.TokenizerJson]. Running what a file describes is in `dev.quintet.tokenizers.tokenizer`.
@NullMarked
package dev.quintet.tokenizers.format;

import org.jspecify.annotations.NullMarked;
