/// Texts and their parts: UTF-8, properties of characters as the references know them, tries of byte strings, and the
/// lists that take a text's tokens with their places while it is being encoded.
///
/// Start at [dev.quintet.tokenizers.text.Text]. What callers get is an `Encoding`, in `dev.quintet.tokenizers`.
@NullMarked
package dev.quintet.tokenizers.text;

import org.jspecify.annotations.NullMarked;
