package dev.quintet.core.cpu;

import dev.quintet.core.backend.AttentionContract;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.DropoutContract;
import dev.quintet.core.backend.ElementwiseContract;
import dev.quintet.core.backend.GateContract;
import dev.quintet.core.backend.LayoutContract;
import dev.quintet.core.backend.LossContract;
import dev.quintet.core.backend.MatmulContract;
import dev.quintet.core.backend.MemoryContract;
import dev.quintet.core.backend.NormContract;
import dev.quintet.core.backend.OptimizerContract;
import dev.quintet.core.backend.ReductionContract;
import dev.quintet.core.backend.SelectionContract;
import dev.quintet.core.backend.SoftmaxContract;
import dev.quintet.core.backend.StoredContract;
import dev.quintet.core.shape.Device;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// The processor's kernels, held to the contracts.
@Tag("cpu-variants")
class CpuContractTest {
  private static final Backend CPU = Backends.of(Device.cpu());

  private static void run(int threads, Runnable body) {
    int before = CpuBackend.threads();
    CpuBackend.threads(threads);
    try {
      body.run();
    } finally {
      CpuBackend.threads(before);
    }
  }

  @Nested
  class Matmul extends MatmulContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Stored extends StoredContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Elementwise extends ElementwiseContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Reduction extends ReductionContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Layout extends LayoutContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Softmax extends SoftmaxContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Selection extends SelectionContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Norm extends NormContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Gate extends GateContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Attention extends AttentionContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Loss extends LossContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Dropout extends DropoutContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Optimizer extends OptimizerContract {
    @Override
    protected Backend backend() {
      return CPU;
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      run(threads, body);
    }
  }

  @Nested
  class Memory extends MemoryContract {
    @Override
    protected Backend backend() {
      return CPU;
    }
  }
}
