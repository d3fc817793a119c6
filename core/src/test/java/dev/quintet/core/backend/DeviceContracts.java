package dev.quintet.core.backend;

import dev.quintet.core.shape.Device;

/// The contracts of all kernel families on a device that is here, `cuda:0`: on a GPU they run from the bundle, without a build.
/// Operands lie at any address; those of `Wide...` as tensors do, at multiples of 64 bytes, which faster kernels may take.
///
/// No test of a build: its classes are run by name.
final class DeviceContracts {
  private DeviceContracts() {}

  private static Backend device() {
    return Backends.of(Device.cuda(0));
  }

  static final class Memory extends MemoryContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class Layout extends LayoutContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class WideLayout extends LayoutContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }
  }

  static final class Elementwise extends ElementwiseContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class WideElementwise extends ElementwiseContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }
  }

  static final class Reduction extends ReductionContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class WideReduction extends ReductionContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }
  }

  static final class Softmax extends SoftmaxContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class WideSoftmax extends SoftmaxContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }
  }

  static final class Selection extends SelectionContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class WideSelection extends SelectionContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }
  }

  static final class Dropout extends DropoutContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class WideDropout extends DropoutContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }
  }

  static final class Gate extends GateContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class WideGate extends GateContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }
  }

  static final class Norm extends NormContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class WideNorm extends NormContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }

    @Override
    protected int[] widths() {
      return new int[] {8, 16, 64, 248, 256, 512, 768, 1024, 1032, 4096};
    }
  }

  static final class Loss extends LossContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class WideLoss extends LossContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }

    @Override
    protected int[] widths() {
      return new int[] {8, 16, 64, 248, 256, 1000, 1024, 1032, 4096};
    }
  }

  static final class Optimizer extends OptimizerContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class WideOptimizer extends OptimizerContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }
  }

  static final class Matmul extends MatmulContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected double bfloat16Tolerance() {
      return 1e-5;
    }
  }

  static final class WideMatmul extends MatmulContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }

    @Override
    protected double bfloat16Tolerance() {
      return 1e-5;
    }
  }

  static final class Stored extends StoredContract {
    @Override
    protected Backend backend() {
      return device();
    }
  }

  static final class Attention extends AttentionContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected Class<? extends RuntimeException> refusalOfStarts() {
      return IndexOutOfBoundsException.class; // they are read on the device: the next wait tells
    }
  }

  static final class WideAttention extends AttentionContract {
    @Override
    protected Backend backend() {
      return device();
    }

    @Override
    protected boolean aligned() {
      return true;
    }

    @Override
    protected Class<? extends RuntimeException> refusalOfStarts() {
      return IndexOutOfBoundsException.class; // they are read on the device: the next wait tells
    }
  }
}
