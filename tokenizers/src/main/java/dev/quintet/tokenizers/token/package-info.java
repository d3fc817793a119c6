/// Where models put the tokens of a text while it is being encoded.
/// Kept apart so that models need not know the tokenizer that runs them.
///
/// Start at [dev.quintet.tokenizers.token.TokenBuffer]. What callers get is an `Encoding`, in
/// `dev.quintet.tokenizers.tokenizer`.
@NullMarked
package dev.quintet.tokenizers.token;

import org.jspecify.annotations.NullMarked;
