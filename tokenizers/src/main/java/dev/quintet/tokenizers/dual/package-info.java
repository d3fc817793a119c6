/// Two tokenizers at once: one for each side of a model, or one for each part of a text; a vocabulary that
/// takes pieces of a second one in; and which tokens of two tokenizations belong together.
///
/// Start at [dev.quintet.tokenizers.dual.DualTokenizer]. Measures for choosing between tokenizers, and maps from
/// one vocabulary to another, are in `dev.quintet.tokenizers.compare`.
@NullMarked
package dev.quintet.tokenizers.dual;

import org.jspecify.annotations.NullMarked;
