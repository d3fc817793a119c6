/// What every kernel of the processor stands on: [CpuChoice] (which kernels run, decided once per JVM), [WorkerPool]
/// and [Cuts] (parts are cut by shape, never by the number of threads) and [Native] (operands are opened by address, as
/// exact local segments).
@NullMarked
package dev.quintet.core.cpu.work;

import org.jspecify.annotations.NullMarked;
