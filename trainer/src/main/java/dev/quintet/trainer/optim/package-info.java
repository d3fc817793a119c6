/// Optimizers and the rules that say how each parameter is updated. Start at [Optimizer], which is [AdamW], [Adafactor]
/// or your own; [UpdateRule] says which parameters decay and at what share of the rate each learns, and [Updates] is
/// the second half of a step.
///
/// The arithmetic is in the backend's kernels; this package keeps the state and counts the updates.
@NullMarked
package dev.quintet.trainer.optim;

import org.jspecify.annotations.NullMarked;
