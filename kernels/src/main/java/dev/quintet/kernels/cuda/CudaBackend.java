package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Calibration;
import dev.quintet.core.backend.ComposedAttention;
import dev.quintet.core.backend.ComposedGate;
import dev.quintet.core.backend.ComposedLoss;
import dev.quintet.core.backend.ComposedNorm;
import dev.quintet.core.backend.DecoderKernels;
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
import dev.quintet.core.backend.SelectionKernels;
import dev.quintet.core.backend.SoftmaxKernels;
import dev.quintet.core.shape.Device;
import dev.quintet.kernels.driver.Chip;
import dev.quintet.kernels.driver.Cuda;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A CUDA device as a backend: its memory, its queue, and the launchers of all kernel families.
final class CudaBackend implements Backend {
  /// Families without which nothing is computed; all others have a composed form.
  static final List<String> NEEDED =
      List.of(
          "matmul",
          "matmul_bf16",
          "elementwise",
          "reduction",
          "layout",
          "softmax",
          "dropout",
          "optimizer");

  private static final System.Logger LOG = System.getLogger(CudaBackend.class.getName());

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
  private final DecoderKernels decoder;
  private final SelectionKernels selection;

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
    this.norm = kernels("norm", () -> new CudaNorm(cuda, this), (ComposedNorm) () -> this);
    this.attention =
        kernels("attention", () -> new CudaAttention(cuda), (ComposedAttention) () -> this);
    this.gate = kernels("gate", () -> new CudaGate(cuda, this), (ComposedGate) () -> this);
    this.loss = kernels("loss", () -> new CudaLoss(cuda, this), (ComposedLoss) () -> this);
    this.decoder = kernels(CudaDecoder.FAMILY, () -> new CudaDecoder(cuda), DecoderKernels.NONE);
    this.selection =
        kernels("select", () -> new CudaSelection(cuda, this), (SelectionKernels) () -> this);
  }

  /// A family's kernels, or its composed form where they cannot run here.
  private <K> K kernels(String family, Supplier<? extends K> ours, K composed) {
    Optional<String> missing = cuda.missing(family);
    missing.ifPresent(reason ->
        LOG.log(Level.WARNING, "{0}: {1}; a slower form of {2} is used", device, reason, family));
    return missing.isEmpty() ? ours.get() : composed;
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
  public Map<String, Object> details() {
    Map<String, Object> details = cuda.details();
    details.put(
        "products",
        matmul instanceof CudaMatmul own ? "of this library, by " + own.instructions() : "cuBLAS");
    return details;
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
  public DecoderKernels decoder() {
    return decoder;
  }

  @Override
  public SelectionKernels selection() {
    return selection;
  }

  @Override
  public DropoutKernels dropout() {
    return dropout;
  }

  @Override
  public OptimizerKernels optimizer() {
    return optimizer;
  }

  @Override
  public void calibrate(Consumer<Calibration> found) {
    new CudaCalibration(cuda).compare(found);
  }
}
