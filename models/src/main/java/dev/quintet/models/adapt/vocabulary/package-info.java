/// Another vocabulary for a trained model.
///
/// Start at [VocabularySwitch]; what the rows of new tokens begin as is a [RowPlan]. How a new vocabulary's rows come from the old one's is worked out by
/// `dev.quintet.tokenizers.compare.VocabularyMap`. Adapters are deliberately elsewhere: in `dev.quintet.models.adapt`.
@NullMarked
package dev.quintet.models.adapt.vocabulary;

import org.jspecify.annotations.NullMarked;
