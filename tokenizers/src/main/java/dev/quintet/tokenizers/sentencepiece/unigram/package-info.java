/// The unigram language model: the most probable segmentation of a text into pieces; others by their probability; and
/// its trainer.
///
/// Start at [dev.quintet.tokenizers.sentencepiece.unigram.UnigramModel]. The unigram model of a `tokenizer.json`, which
/// encodes words, is in `dev.quintet.tokenizers.word`.
@NullMarked
package dev.quintet.tokenizers.sentencepiece.unigram;

import org.jspecify.annotations.NullMarked;
