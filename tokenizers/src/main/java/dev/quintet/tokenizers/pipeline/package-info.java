/// The steps of a `tokenizer.json` around its model: added tokens before it; special tokens, types and the decoder
/// after it.
///
/// Start at [dev.quintet.tokenizers.pipeline.PostProcessor]. Normalizers and pre-tokenizers are in `dev.quintet.tokenizers.normalize` and
/// `dev.quintet.tokenizers.pretokenize`; who runs the steps is in `dev.quintet.tokenizers`.
@NullMarked
package dev.quintet.tokenizers.pipeline;

import org.jspecify.annotations.NullMarked;
