package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.AttentionContract;
import dev.quintet.core.backend.Backend;
import dev.quintet.kernels.testing.StandIn;

class CudaAttentionTest extends AttentionContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  /// Starts of rows lie on the device, where a kernel reads them: the next wait tells.
  @Override
  protected Class<? extends RuntimeException> refusalOfStarts() {
    return IndexOutOfBoundsException.class;
  }
}
