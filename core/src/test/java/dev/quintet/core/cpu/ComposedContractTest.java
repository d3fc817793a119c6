package dev.quintet.core.cpu;

import dev.quintet.core.backend.AttentionContract;
import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.ComposedAttention;
import dev.quintet.core.backend.ComposedGate;
import dev.quintet.core.backend.ComposedLoss;
import dev.quintet.core.backend.ComposedNorm;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutContract;
import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.ElementwiseKernels;
import dev.quintet.core.backend.GateContract;
import dev.quintet.core.backend.GateKernels;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LayoutKernels;
import dev.quintet.core.backend.LossContract;
import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.NormContract;
import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.backend.ReductionKernels;
import dev.quintet.core.backend.SoftmaxKernels;
import dev.quintet.core.backend.StoredContract;
import dev.quintet.core.shape.Device;
import org.junit.jupiter.api.Nested;

/// The composed forms of fused kernels, over the processor's plain ones, held to the same contracts.
class ComposedContractTest {
  private static final Backend COMPOSED = new ComposedBackend(Backends.of(Device.cpu()));

  @Nested
  class Norm extends NormContract {
    @Override
    protected Backend backend() {
      return COMPOSED;
    }
  }

  @Nested
  class Stored extends StoredContract {
    @Override
    protected Backend backend() {
      return COMPOSED;
    }
  }

  @Nested
  class Gate extends GateContract {
    @Override
    protected Backend backend() {
      return COMPOSED;
    }
  }

  @Nested
  class Attention extends AttentionContract {
    @Override
    protected Backend backend() {
      return COMPOSED;
    }
  }

  @Nested
  class Loss extends LossContract {
    @Override
    protected Backend backend() {
      return COMPOSED;
    }
  }

  @Nested
  class Dropout extends DropoutContract {
    @Override
    protected Backend backend() {
      return COMPOSED;
    }
  }

  /// A backend that has grown as far as its plain kernels.
  private record ComposedBackend(Backend plain) implements Backend {
    @Override
    public Device device() {
      return plain.device();
    }

    @Override
    public String description() {
      return plain.description();
    }

    @Override
    public String arithmetic() {
      return plain.arithmetic();
    }

    @Override
    public int parallelism() {
      return plain.parallelism();
    }

    @Override
    public Memory memory() {
      return plain.memory();
    }

    @Override
    public MatmulKernels matmul() {
      return plain.matmul();
    }

    @Override
    public ElementwiseKernels elementwise() {
      return plain.elementwise();
    }

    @Override
    public ReductionKernels reduction() {
      return plain.reduction();
    }

    @Override
    public LayoutKernels layout() {
      return plain.layout();
    }

    @Override
    public SoftmaxKernels softmax() {
      return plain.softmax();
    }

    @Override
    public OptimizerKernels optimizer() {
      return plain.optimizer();
    }

    @Override
    public NormKernels norm() {
      return (ComposedNorm) () -> this;
    }

    @Override
    public GateKernels gate() {
      return (ComposedGate) () -> this;
    }

    @Override
    public AttentionKernels attention() {
      return (ComposedAttention) () -> this;
    }

    @Override
    public LossKernels loss() {
      return (ComposedLoss) () -> this;
    }

    @Override
    public DropoutKernels dropout() {
      return new PlainDropout(plain);
    }

    @Override
    public Queue queue() {
      return plain.queue();
    }
  }

  /// Dropout alone; its residual sum is composed.
  private record PlainDropout(Backend plain) implements DropoutKernels {
    @Override
    public void dropout(DropoutCall call, long x, Gradient y) {
      plain.dropout().dropout(call, x, y);
    }
  }
}
