/// The CUDA driver at work: an open device with its memory, its one order of work, and launches of kernels.
///
/// Start at [Cuda]. All goes through JCuda, whose return codes are all looked at: what fails is a [CudaException] that
/// names the call. Nothing here knows what a kernel computes; launchers are in `dev.quintet.kernels.cuda`.
@NullMarked
package dev.quintet.kernels.driver;

import org.jspecify.annotations.NullMarked;
