/// What callers see: a tokenizer, loaded from a file or made of a description, and what it makes of a text.
/// Recognising files and putting together the steps that they describe happens here.
///
/// Start at [dev.quintet.tokenizers.Tokenizer]. The steps, the models and the files' formats are in packages of their
/// own; those for bytes ([dev.quintet.tokenizers.bytes]) and for two tokenizers at once ([dev.quintet.tokenizers.dual]) are found as
/// services.
@NullMarked
package dev.quintet.tokenizers;

import org.jspecify.annotations.NullMarked;
