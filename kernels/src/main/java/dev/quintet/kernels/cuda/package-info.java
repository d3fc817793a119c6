/// Looks for a CUDA device and says in one line what it found.
///
/// Start at [dev.quintet.kernels.cuda.CudaProvider]. The kernels themselves do not exist yet; what
/// they must offer is written in `dev.quintet.core.backend`, in the core module.
@NullMarked
package dev.quintet.kernels.cuda;

import org.jspecify.annotations.NullMarked;
