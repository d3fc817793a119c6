package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.MatmulContract;
import dev.quintet.kernels.testing.StandIn;

/// The contract, on the stand-in.
class CudaMatmulTest extends MatmulContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  /// Tensor cores add sixteen products at once.
  @Override
  protected double bfloat16Tolerance() {
    return 1e-5;
  }
}
