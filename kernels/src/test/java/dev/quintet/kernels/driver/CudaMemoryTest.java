package dev.quintet.kernels.driver;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.MemoryContract;
import dev.quintet.kernels.testing.StandIn;

class CudaMemoryTest extends MemoryContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }
}
