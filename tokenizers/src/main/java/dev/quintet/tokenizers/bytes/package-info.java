/// Texts as their bytes, as ByT5 has them (Xue et al., arXiv 2105.13626).
/// There is nothing to learn and nothing to look up; what needs care are the special tokens.
///
/// Start at [dev.quintet.tokenizers.bytes.ByteTokenizer]. Bytes as a fallback of other models are
/// theirs; byte-level BPE is in [dev.quintet.tokenizers.bpe].
@NullMarked
package dev.quintet.tokenizers.bytes;

import org.jspecify.annotations.NullMarked;
