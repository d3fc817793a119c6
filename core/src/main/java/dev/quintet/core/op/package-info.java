/// Operations on tensors, one file a family, each forward beside its backward. Start at [Softmaxes]: it is short and
/// shows the pattern: check shapes, call a kernel on addresses, say how the gradient goes back. Then read [Products].
///
/// Callers use the methods of `dev.quintet.core.tensor.Tensor`; this package is not exported. What computes is
/// elsewhere: see `dev.quintet.core.backend`.
@NullMarked
package dev.quintet.core.op;

import org.jspecify.annotations.NullMarked;
