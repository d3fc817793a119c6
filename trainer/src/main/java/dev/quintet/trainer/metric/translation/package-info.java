/// Scores of translations as sacrebleu 2.6.0 gives them: BLEU, chrF and TER, with their signatures.
///
/// Start at [dev.quintet.trainer.metric.translation.Bleu]. All three count additive statistics a row, so that intervals and
/// comparisons of systems need no second look at the texts.
@NullMarked
package dev.quintet.trainer.metric.translation;

import org.jspecify.annotations.NullMarked;
