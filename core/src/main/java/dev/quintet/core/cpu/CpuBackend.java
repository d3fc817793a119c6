package dev.quintet.core.cpu;

import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.Backend;
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
import dev.quintet.core.backend.ReductionKernels;
import dev.quintet.core.backend.SelectionKernels;
import dev.quintet.core.backend.SoftmaxKernels;
import dev.quintet.core.backend.StoredKernels;
import dev.quintet.core.cpu.scalar.ScalarSelection;
import dev.quintet.core.cpu.work.CpuChoice;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.shape.Device;

/// The processor as a backend.
///
/// Kernels have finished when they return. `QUINTET_CPU=scalar|256|512` chooses them; the property `quintet.threads`
/// or [#threads(int)] the number of threads, at most 1,024; the property `quintet.memory` limits memory, in bytes.
public final class CpuBackend implements Backend {
  private final CpuChoice choice = CpuChoice.chosen();
  private final CpuMemory memory = new CpuMemory(memoryLimit());
  private final CpuKernels kernels = CpuKernels.of(choice, this);

  /// Opened by [CpuProvider].
  CpuBackend() {
    var _ = WorkerPool.configured(); // says what is wrong with the property
    JavaAge.warnIfOld();
  }

  private static long memoryLimit() {
    String value = System.getProperty("quintet.memory", "").trim();
    if (value.isEmpty()) {
      return 0;
    }
    if (!value.matches("[0-9]{1,18}")) {
      throw new IllegalArgumentException(
          "property quintet.memory is a number of bytes, 0 for no limit, not \"" + value + "\"");
    }
    return Long.parseLong(value);
  }

  /// The number of threads that compute on the processor, the caller among them.
  public static int threads() {
    return WorkerPool.shared().threads();
  }

  /// Changes the number of threads, at any time. Results do not depend on it.
  ///
  /// @throws IllegalArgumentException if it is not from 1 to 1,024
  public static void threads(int count) {
    WorkerPool.shared().resize(count);
  }

  /// Says that much work is to come. Without it a process begins in plain Java, as it were for a short command, and
  /// goes over to vectors, which have to be compiled first, once there was a second or so of work; from now on it is
  /// vectors at once. No result depends on it. `TextToText.warmUp` of a service calls it, and then has them compiled.
  public static void warmUp() {
    EarlyForms.end();
  }

  @Override
  public Device device() {
    return Device.cpu();
  }

  @Override
  public boolean skipsPadding() {
    return true;
  }

  @Override
  public String description() {
    return arithmetic() + ", " + threads() + " threads (" + choice.reason() + ")";
  }

  @Override
  public String arithmetic() {
    return choice.arithmetic();
  }

  @Override
  public int parallelism() {
    return threads();
  }

  @Override
  public Memory memory() {
    return memory;
  }

  @Override
  public MatmulKernels matmul() {
    return kernels.matmul();
  }

  @Override
  public StoredKernels stored() {
    return kernels.stored();
  }

  @Override
  public ElementwiseKernels elementwise() {
    return kernels.elementwise();
  }

  @Override
  public ReductionKernels reduction() {
    return kernels.reduction();
  }

  @Override
  public LayoutKernels layout() {
    return kernels.layout();
  }

  @Override
  public SoftmaxKernels softmax() {
    return kernels.softmax();
  }

  @Override
  public NormKernels norm() {
    return kernels.norm();
  }

  @Override
  public GateKernels gate() {
    return kernels.gate();
  }

  @Override
  public SelectionKernels selection() {
    return new ScalarSelection(this);
  }

  @Override
  public DecoderKernels decoder() {
    return kernels.decoder();
  }

  @Override
  public AttentionKernels attention() {
    return kernels.attention();
  }

  @Override
  public LossKernels loss() {
    return kernels.loss();
  }

  @Override
  public DropoutKernels dropout() {
    return kernels.dropout();
  }

  @Override
  public OptimizerKernels optimizer() {
    return kernels.optimizer();
  }
}
