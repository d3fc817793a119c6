/// Making a trained model fit another purpose than it was trained for: so far, another vocabulary.
///
/// Start at [VocabularySwitch]. How a new vocabulary's rows come from the old one's is worked out by
/// `dev.quintet.tokenizers.compare.VocabularyMap`.
@NullMarked
package dev.quintet.models.adapt;

import org.jspecify.annotations.NullMarked;
