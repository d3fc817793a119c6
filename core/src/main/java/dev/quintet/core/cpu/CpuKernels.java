package dev.quintet.core.cpu;

import dev.quintet.core.backend.AttentionKernels;
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
import java.lang.reflect.Proxy;

/// One set of kernels. [#vector] and [#scalar] are apart from each other, so that the scalar set loads where
/// there is no vector module.
record CpuKernels(
    MatmulKernels matmul,
    ElementwiseKernels elementwise,
    ReductionKernels reduction,
    LayoutKernels layout,
    SoftmaxKernels softmax,
    NormKernels norm,
    GateKernels gate,
    AttentionKernels attention,
    LossKernels loss,
    DropoutKernels dropout,
    OptimizerKernels optimizer) {

  /// The kernels of a choice.
  static CpuKernels of(CpuChoice choice) {
    return choice.scalar() ? scalar() : vector();
  }

  private static CpuKernels vector() {
    return new CpuKernels(
        new VectorMatmul(),
        new VectorElementwise(),
        new VectorReduction(),
        new VectorLayout(),
        new VectorSoftmax(),
        new VectorNorm(),
        new VectorGate(),
        absent(AttentionKernels.class),
        new VectorLoss(),
        new VectorDropout(),
        new VectorOptimizer());
  }

  private static CpuKernels scalar() {
    return new CpuKernels(
        absent(MatmulKernels.class),
        absent(ElementwiseKernels.class),
        absent(ReductionKernels.class),
        absent(LayoutKernels.class),
        absent(SoftmaxKernels.class),
        absent(NormKernels.class),
        absent(GateKernels.class),
        absent(AttentionKernels.class),
        absent(LossKernels.class),
        absent(DropoutKernels.class),
        absent(OptimizerKernels.class));
  }

  /// Stands for kernels still to be written; goes when both sets are complete.
  private static <T> T absent(Class<T> family) {
    return family.cast(
        Proxy.newProxyInstance(
            family.getClassLoader(),
            new Class<?>[] {family},
            (proxy, method, arguments) -> {
              throw new UnsupportedOperationException(
                  family.getSimpleName() + "." + method.getName() + " has no kernel here yet");
            }));
  }
}
