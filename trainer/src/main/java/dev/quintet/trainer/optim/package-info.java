/// Optimizers and the rules that say how each parameter is updated. Start at [Optimizer], which is [AdamW], [Adafactor],
/// another of the built-in ones, or your own; [UpdateRule] says which parameters decay and at what share of the rate each learns, and [Updates] is
/// the second half of a step.
///
/// The arithmetic of AdamW and Adafactor is in the backend's kernels, and that of the others composed of tensor operations;
/// this package keeps the state and counts the updates. [Ema] averages weights.
@NullMarked
package dev.quintet.trainer.optim;

import org.jspecify.annotations.NullMarked;
