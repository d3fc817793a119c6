/// What holds for every file of a tokenizer: none larger than a limit, none half written, and one exception that says
/// what is wrong where.
///
/// Start at [dev.quintet.tokenizers.file.TokenizerFiles]. Formats are in `dev.quintet.tokenizers.huggingface` and
/// `dev.quintet.tokenizers.sentencepiece.file`; a tiktoken file, which is a list of tokens, is in `dev.quintet.tokenizers.bpe`.
@NullMarked
package dev.quintet.tokenizers.file;

import org.jspecify.annotations.NullMarked;
