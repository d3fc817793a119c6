/// What a model is trained on: text pairs, token examples, the order in which they come, and batches. Start at [Pairs],
/// then [BatchPlan], which makes the order of the data a function of the seed and the step alone.
///
/// What is asked of the model (sequence to sequence, span corruption) is in `dev.quintet.trainer.objective`.
@NullMarked
package dev.quintet.trainer.data;

import org.jspecify.annotations.NullMarked;
