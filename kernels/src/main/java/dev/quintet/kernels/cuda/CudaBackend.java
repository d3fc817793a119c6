package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.ElementwiseKernels;
import dev.quintet.core.backend.GateKernels;
import dev.quintet.core.backend.LayoutKernels;
import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.backend.ReductionKernels;
import dev.quintet.core.backend.SoftmaxKernels;
import dev.quintet.core.shape.Device;
import dev.quintet.kernels.driver.Chip;
import dev.quintet.kernels.driver.Cuda;

/// A CUDA device as a backend: its memory, its queue, and the launchers of all kernel families.
final class CudaBackend implements Backend {
  private final Device device;
  private final Cuda cuda;
  private final LayoutKernels layout;
  private final ReductionKernels reduction;
  private final MatmulKernels matmul;
  private final ElementwiseKernels elementwise;
  private final SoftmaxKernels softmax;
  private final DropoutKernels dropout;
  private final OptimizerKernels optimizer;
  private final NormKernels norm;
  private final GateKernels gate;
  private final AttentionKernels attention;
  private final LossKernels loss;

  CudaBackend(int index, Cuda cuda) {
    this.device = Device.cuda(index);
    this.cuda = cuda;
    this.layout = new CudaLayout(cuda);
    this.reduction = new CudaReduction(cuda);
    this.matmul = CudaCublas.choose(cuda, new CudaMatmul(cuda));
    this.elementwise = new CudaElementwise(cuda);
    this.softmax = new CudaSoftmax(cuda);
    this.dropout = new CudaDropout(cuda);
    this.optimizer = new CudaOptimizer(cuda);
    this.norm = new CudaNorm(cuda, this);
    this.attention = new CudaAttention(cuda);
    this.gate = new CudaGate(cuda);
    this.loss = new CudaLoss(cuda, this);
  }

  /// The device that it computes on.
  Cuda cuda() {
    return cuda;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public String description() {
    Chip chip = cuda.chip();
    return "%s, %s, %d processors, %.1f GiB"
        .formatted(arithmetic(), chip, chip.processors(), chip.memory() / (double) (1L << 30));
  }

  @Override
  public String arithmetic() {
    return "cuda-sm" + cuda.chip().capability() + (matmul instanceof CudaCublas ? "-cublas" : "");
  }

  @Override
  public int parallelism() {
    return cuda.chip().processors();
  }

  @Override
  public int lengthStep() {
    return 32;
  }

  @Override
  public Memory memory() {
    return cuda.memory();
  }

  @Override
  public Queue queue() {
    return cuda.queue();
  }

  @Override
  public MatmulKernels matmul() {
    return matmul;
  }

  @Override
  public ElementwiseKernels elementwise() {
    return elementwise;
  }

  @Override
  public ReductionKernels reduction() {
    return reduction;
  }

  @Override
  public LayoutKernels layout() {
    return layout;
  }

  @Override
  public SoftmaxKernels softmax() {
    return softmax;
  }

  @Override
  public NormKernels norm() {
    return norm;
  }

  @Override
  public GateKernels gate() {
    return gate;
  }

  @Override
  public AttentionKernels attention() {
    return attention;
  }

  @Override
  public LossKernels loss() {
    return loss;
  }

  @Override
  public DropoutKernels dropout() {
    return dropout;
  }

  @Override
  public OptimizerKernels optimizer() {
    return optimizer;
  }
}
