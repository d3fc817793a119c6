/// What callers see: a tokenizer, loaded from a file or made of a description, and what it makes of a text.
/// Recognising files and running the steps that they describe happens here.
///
/// Start at [dev.quintet.tokenizers.tokenizer.Tokenizer]. The models are in their own packages, and the files' formats are in
/// [dev.quintet.tokenizers.format].
@NullMarked
package dev.quintet.tokenizers.tokenizer;

import org.jspecify.annotations.NullMarked;
