/// Cuts a text into the words inside which tokens are merged.
/// Hand-written scanners for the well-known patterns stand beside the regular expressions that they equal.
///
/// Start at [dev.quintet.tokenizers.pretokenize.SplitPattern]. What happens inside a word is in `dev.quintet.tokenizers.bpe`.
@NullMarked
package dev.quintet.tokenizers.pretokenize;

import org.jspecify.annotations.NullMarked;
