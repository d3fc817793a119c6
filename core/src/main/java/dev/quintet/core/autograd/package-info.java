/// Automatic differentiation: the [Tape] of operations, and each tensor's [GradientSlot]. Start at
/// [Tape]. How each operation goes back is not here but beside its forward, in `dev.quintet.core.op`.
///
/// The rule of accumulation, once and for all: a backward **adds** to the gradients of parameters;
/// `zeroGradients` clears them; nothing else does either.
@NullMarked
package dev.quintet.core.autograd;

import org.jspecify.annotations.NullMarked;
