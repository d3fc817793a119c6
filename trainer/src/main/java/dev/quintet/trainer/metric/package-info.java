/// Scores of generated text against what was wanted, from 0 to 1, as values that add up over
/// batches.
///
/// Start at [dev.quintet.trainer.metric.NameScores]. The loss is the training loop's own.
@NullMarked
package dev.quintet.trainer.metric;

import org.jspecify.annotations.NullMarked;
