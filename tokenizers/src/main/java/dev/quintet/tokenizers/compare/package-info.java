/// Choosing a tokenizer and switching to it (after arXiv 2402.01035): measures of tokenizers on texts, and
/// maps that make an embedding for a new vocabulary out of that for an old one.
///
/// Start at [dev.quintet.tokenizers.compare.TokenizerComparison], or
/// [dev.quintet.tokenizers.compare.VocabularyMap]. Applying a map to a model's weights is the business of
/// the module `models`.
@NullMarked
package dev.quintet.tokenizers.compare;

import org.jspecify.annotations.NullMarked;
