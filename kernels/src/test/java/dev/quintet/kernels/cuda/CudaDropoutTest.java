package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.DropoutContract;
import dev.quintet.kernels.testing.StandIn;

/// The contract, on the stand-in.
class CudaDropoutTest extends DropoutContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  @Override
  protected int calls(int whileCompiled) {
    return 4;
  }
}
