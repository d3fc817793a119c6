/// Tensors and their lifetimes. Start at [Tensor]; then read [Scope], which frees what operations
/// make, and [Parameter], which outlives scopes and gathers a gradient. `core/EXAMPLES.md` shows whole programs.
///
/// A value travels so: a method of [Tensor] calls an operation in `dev.quintet.core.op`, which checks shapes,
/// calls a kernel of the tensor's device (`dev.quintet.core.backend`) and records how to go back
/// (`dev.quintet.core.autograd`).
@NullMarked
package dev.quintet.core.tensor;

import org.jspecify.annotations.NullMarked;
