package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.OptimizerContract;
import dev.quintet.kernels.testing.StandIn;

class CudaOptimizerTest extends OptimizerContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  @Override
  protected int calls(int whileCompiled) {
    return 4;
  }
}
