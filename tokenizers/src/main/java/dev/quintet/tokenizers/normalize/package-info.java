/// The normalizers of a `tokenizer.json`: they bring a text into the form that a model was trained on, and keep where
/// each character came from.
///
/// Start at [dev.quintet.tokenizers.normalize.TextNormalizer]. SentencePiece's own is in
/// `dev.quintet.tokenizers.sentencepiece.normalize`; cutting the text into words is in `dev.quintet.tokenizers.pretokenize`.
@NullMarked
package dev.quintet.tokenizers.normalize;

import org.jspecify.annotations.NullMarked;
