/// Regular expressions of Oniguruma, which `tokenizer.json` files hold, as expressions of the JDK that match the same.
///
/// Start at [dev.quintet.tokenizers.regex.OnigurumaRegex]. Scanners that replace well-known expressions are in
/// `dev.quintet.tokenizers.pretokenize`.
@NullMarked
package dev.quintet.tokenizers.regex;

import org.jspecify.annotations.NullMarked;
