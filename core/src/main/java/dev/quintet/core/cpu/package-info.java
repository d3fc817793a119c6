/// The CPU backend: Vector API kernels for 256 and 512 bits, a scalar fallback that needs no incubator
/// module, the memory pool and the worker pool. Start at [CpuBackend].
///
/// This room holds what a program meets (provider, backend, memory) and puts the kernels together in [CpuKernels].
/// `Cpu*` of a family widens bfloat16 and sends narrow rows to the fallback. Below this room, each knowing only those
/// after it:
///
/// - `decode`: steps of a decoder that are planned once, over the loops of `vector`;
/// - `vector`: the vectorised kernels, one class per family of the SPI in `dev.quintet.core.backend`, and plain forms with
///   their bits for small and first work (`Early*`);
/// - `scalar`: the fallback;
/// - `lane`: loops and functions over vectors' lanes;
/// - `work`: which kernels run, and how work is cut, shared among threads and finds its memory.
///
/// They are not exported: `public` there means to the rooms beside them.
@NullMarked
package dev.quintet.core.cpu;

import org.jspecify.annotations.NullMarked;
