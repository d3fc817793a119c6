package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LossCall;
import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Cross entropy of a chunk of 2048 rows on a CUDA device, with T5's vocabulary and mT5's: the logits are read once forwards,
/// read and written backwards, and read once and written once where both are made together.
///
/// Run with the JMH pattern `CudaLoss`. Not measured yet.
@Shown("cross entropy on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaLossBenchmark {
  private static final int ROWS = 2048;

  /// Logits of a row.
  @Param({"32128", "250112"})
  public int width;

  /// Their type.
  @Param({"F32", "BF16"})
  public DType type;

  private CudaArrays arrays;
  private LossKernels kernels;
  private LossCall call;
  private long logits;
  private long labels;
  private long losses;
  private long logSumExp;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().loss();
    call = new LossCall(ROWS, width, -100, 0, 1e-4f, 1, 0, Types.of(type));
    logits = arrays.zeros(type, call.logits());
    labels = arrays.zeros(DType.F32, ROWS);
    losses = arrays.zeros(DType.F32, ROWS);
    logSumExp = arrays.zeros(DType.F32, ROWS);
  }

  /// The losses.
  @Benchmark
  public void crossEntropy() {
    arrays.repeat(() -> kernels.crossEntropy(call, logits, labels, losses, logSumExp));
  }

  /// Their gradient, over the logits.
  @Benchmark
  public void crossEntropyBackward() {
    var inPlace = new Gradient(logits, false);
    arrays.repeat(() -> kernels.crossEntropyBackward(call, logits, labels, logSumExp, 0, inPlace));
  }

  /// Both at once.
  @Benchmark
  public void crossEntropyInPlace() {
    arrays.repeat(() -> kernels.crossEntropyInPlace(call, logits, labels, losses, logSumExp));
  }
}
