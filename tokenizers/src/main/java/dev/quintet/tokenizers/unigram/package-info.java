/// The unigram language model: the most probable segmentation of a text into pieces.
///
/// Start at [dev.quintet.tokenizers.unigram.UnigramModel]. Normalizing and what becomes of the
/// pieces are in `dev.quintet.tokenizers.sentencepiece`.
@NullMarked
package dev.quintet.tokenizers.unigram;

import org.jspecify.annotations.NullMarked;
