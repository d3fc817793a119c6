/// The contract between tensors and devices: memory, an order of work, and small interfaces of kernels, one for each
/// family, that take sizes, types and addresses and never a tensor. Start at [Backend].
///
/// **Rules of every kernel.** A call takes one record of sizes, [Types] and constants, then addresses, and a [Gradient]
/// for each gradient, which says where it goes and whether to add. Addresses are bytes in the device's memory; sizes and
/// strides count elements; operands are row-major, float32 unless the call says bfloat16. Outputs do not overlap inputs
/// unless the method says that they may be the same.
///
/// A kernel is asked for work, not for answers: results go to device memory, in the order of the calling thread's
/// [Queue], and only [Memory#read] and [Queue#synchronize] wait. What changes from step to step it reads from a
/// [RunState]. Memory comes from a [Pool], one for each device. Kernels are thread-safe, and their results are the same
/// bits whatever the number of threads: work is cut by shape, and parts are added in a fixed order.
///
/// Fused and grouped calls have a composed form over plainer kernels of the same backend: default methods of the
/// family's interface, or of `Composed*`. A backend grows kernel by kernel by overriding what it computes better; both
/// forms are held to the same contract tests. Gradients and lifetimes are elsewhere: see `dev.quintet.core.autograd` and
/// `dev.quintet.core.tensor`.
@NullMarked
package dev.quintet.core.backend;

import org.jspecify.annotations.NullMarked;
