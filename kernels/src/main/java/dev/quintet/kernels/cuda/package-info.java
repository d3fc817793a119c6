/// CUDA devices as backends: one launcher for each family of kernels, `CudaFAMILY`, whose source is `FAMILY.cu`.
///
/// Start at [dev.quintet.kernels.cuda.CudaProvider], which looks for a device, and `CudaBackend`, which puts the
/// launchers together. What kernels must offer is written in `dev.quintet.core.backend`, in the core module; how they
/// are launched, in `dev.quintet.kernels.driver`.
@NullMarked
package dev.quintet.kernels.cuda;

import org.jspecify.annotations.NullMarked;
