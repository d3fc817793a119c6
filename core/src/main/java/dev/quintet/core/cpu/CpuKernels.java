package dev.quintet.core.cpu;

import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.ComposedAttention;
import dev.quintet.core.backend.ComposedGate;
import dev.quintet.core.backend.DecoderKernels;
import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.ElementwiseKernels;
import dev.quintet.core.backend.GateKernels;
import dev.quintet.core.backend.LayoutKernels;
import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.ReductionKernels;
import dev.quintet.core.backend.SoftmaxKernels;
import dev.quintet.core.backend.StoredKernels;
import dev.quintet.core.cpu.decode.VectorDecoder;
import dev.quintet.core.cpu.scalar.ScalarDropout;
import dev.quintet.core.cpu.scalar.ScalarElementwise;
import dev.quintet.core.cpu.scalar.ScalarLayout;
import dev.quintet.core.cpu.scalar.ScalarLoss;
import dev.quintet.core.cpu.scalar.ScalarMatmul;
import dev.quintet.core.cpu.scalar.ScalarNorm;
import dev.quintet.core.cpu.scalar.ScalarOptimizer;
import dev.quintet.core.cpu.scalar.ScalarReduction;
import dev.quintet.core.cpu.scalar.ScalarSoftmax;
import dev.quintet.core.cpu.scalar.ScalarStored;
import dev.quintet.core.cpu.vector.VectorAttention;
import dev.quintet.core.cpu.vector.VectorDropout;
import dev.quintet.core.cpu.vector.VectorElementwise;
import dev.quintet.core.cpu.vector.VectorGate;
import dev.quintet.core.cpu.vector.VectorLayout;
import dev.quintet.core.cpu.vector.VectorLoss;
import dev.quintet.core.cpu.vector.VectorMatmul;
import dev.quintet.core.cpu.vector.VectorNorm;
import dev.quintet.core.cpu.vector.VectorOptimizer;
import dev.quintet.core.cpu.vector.VectorReduction;
import dev.quintet.core.cpu.vector.VectorSoftmax;
import dev.quintet.core.cpu.vector.VectorStored;
import dev.quintet.core.cpu.work.CpuChoice;
import dev.quintet.core.cpu.work.EarlyForms;

/// One set of kernels. The sets are apart from each other, so that the scalar one loads where there is no
/// vector module.
record CpuKernels(
    MatmulKernels matmul,
    StoredKernels stored,
    ElementwiseKernels elementwise,
    ReductionKernels reduction,
    LayoutKernels layout,
    SoftmaxKernels softmax,
    NormKernels norm,
    GateKernels gate,
    AttentionKernels attention,
    DecoderKernels decoder,
    LossKernels loss,
    DropoutKernels dropout,
    OptimizerKernels optimizer) {

  /// The kernels of a choice.
  static CpuKernels of(CpuChoice choice, Backend backend) {
    return choice.scalar() ? scalar(backend) : mixed(backend);
  }

  /// Vectors, but plain Java for what they do not pay for: narrow rows, small parameters, the first work of a process.
  private static CpuKernels mixed(Backend backend) {
    EarlyForms products = EarlyForms.ofProducts();
    return new CpuKernels(
        new CpuMatmul(backend, new VectorMatmul(products)),
        new VectorStored(backend, products),
        new VectorElementwise(EarlyForms.ofElements()),
        new VectorReduction(EarlyForms.ofElements()),
        new VectorLayout(EarlyForms.ofElements()),
        new VectorSoftmax(EarlyForms.ofElements()),
        new CpuNorm(backend, new ScalarNorm(backend), new VectorNorm(backend)),
        new VectorGate(backend),
        new VectorAttention(backend),
        new VectorDecoder(products),
        new CpuLoss(backend, new ScalarLoss(), new VectorLoss()),
        new CpuDropout(backend, new ScalarDropout(), new VectorDropout()),
        new VectorOptimizer(backend, EarlyForms.ofElements()));
  }

  /// Vectors for everything: for tests, whose shapes are small.
  static CpuKernels vector(Backend backend) {
    return new CpuKernels(
        new CpuMatmul(backend, new VectorMatmul(EarlyForms.none())),
        new VectorStored(backend, EarlyForms.none()),
        new VectorElementwise(EarlyForms.none()),
        new VectorReduction(EarlyForms.none()),
        new VectorLayout(EarlyForms.none()),
        new VectorSoftmax(EarlyForms.none()),
        new CpuNorm(backend, new VectorNorm(backend), new VectorNorm(backend)),
        new VectorGate(backend),
        new VectorAttention(backend),
        new VectorDecoder(EarlyForms.none()),
        new CpuLoss(backend, new VectorLoss(), new VectorLoss()),
        new CpuDropout(backend, new VectorDropout(), new VectorDropout()),
        new VectorOptimizer(backend, EarlyForms.none()));
  }

  private static CpuKernels scalar(Backend backend) {
    return new CpuKernels(
        new CpuMatmul(backend, new ScalarMatmul()),
        new ScalarStored(backend),
        new ScalarElementwise(),
        new ScalarReduction(),
        new ScalarLayout(),
        new ScalarSoftmax(),
        new CpuNorm(backend, new ScalarNorm(backend), new ScalarNorm(backend)),
        (ComposedGate) () -> backend,
        (ComposedAttention) () -> backend,
        DecoderKernels.NONE,
        new CpuLoss(backend, new ScalarLoss(), new ScalarLoss()),
        new CpuDropout(backend, new ScalarDropout(), new ScalarDropout()),
        new ScalarOptimizer(backend));
  }
}
