/// The CPU backend: Vector API kernels for 256 and 512 bits, a scalar fallback that needs no incubator
/// module, the memory pool and the worker pool. Start at [CpuBackend].
///
/// `Vector*` are the vectorised kernels, `Scalar*` the fallback, one class per family of the SPI in
/// `dev.quintet.core.backend`. What vectors would not repay is done in plain Java: `Early*` has the bits of vectors and does
/// small and first work ([EarlyForms] says how long), `*ByWidth` sends narrow rows to the fallback. Which of them run is decided once per JVM by [CpuChoice]. What every kernel
/// here shares: [WorkerPool] (parts are cut by shape, never by the number of threads), [Native] (operands are
/// opened by address, as exact local segments), [Lanes] (the vector shape and the only way to add lanes) and [VectorMath].
@NullMarked
package dev.quintet.core.cpu;

import org.jspecify.annotations.NullMarked;
