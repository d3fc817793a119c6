/// The contract between tensors and the machine: device memory and small interfaces of kernels, one
/// per family, that take addresses, types and sizes and never a tensor. Start at [Backend].
///
/// **Rules of every kernel.** Addresses are bytes in the device's memory; sizes and strides count
/// elements; data is float32 unless a parameter says otherwise; operands are row-major. A kernel is
/// asked for work, not for answers: results go to device memory, in the order of the calling thread's [Queue],
/// and only [Memory#read] and [Queue#synchronize] wait. Memory comes from a [Pool], one for each device. Outputs must not overlap inputs
/// unless the method says that they may be the same. `accumulate` means "add to what the output holds";
/// without it the output is overwritten and may hold anything before. Kernels are thread-safe, and their results are
/// the same bits whatever the number of threads: work is cut by shape and partial results are added
/// in a fixed order.
///
/// Fused kernels (attention, norms, gated feed-forward, cross entropy, residual dropout) have a composed
/// form, `Composed*`: the same interface with default methods over plainer kernels of the same
/// backend. A backend grows kernel by kernel by implementing that, and overriding what it computes
/// better; both forms are held to the same contract tests. Gradients and lifetimes are elsewhere: see
/// `dev.quintet.core.autograd` and `dev.quintet.core.tensor`.
@NullMarked
package dev.quintet.core.backend;

import org.jspecify.annotations.NullMarked;
