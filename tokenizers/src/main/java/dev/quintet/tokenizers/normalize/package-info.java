/// Brings a text into the form that a model was trained on, and keeps where each character came
/// from.
///
/// Start at [dev.quintet.tokenizers.normalize.SentencePieceNormalizer], or at
/// [dev.quintet.tokenizers.normalize.TextNormalizer] for those of a `tokenizer.json`. Cutting the text into words is in
/// `dev.quintet.tokenizers.pretokenize`.
@NullMarked
package dev.quintet.tokenizers.normalize;

import org.jspecify.annotations.NullMarked;
