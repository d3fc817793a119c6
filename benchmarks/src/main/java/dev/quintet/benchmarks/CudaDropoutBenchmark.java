package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.DropoutMask;
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

/// A residual sum with dropout on a CUDA device, beside the same kernel when it drops nothing: the difference is what the random
/// numbers cost, if memory does not hide them.
///
/// Run with the JMH pattern `CudaDropout`. Not measured yet.
@Shown("a residual sum with dropout on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaDropoutBenchmark {
  private static final int WIDTH = 768;

  /// Tokens: 48 x 512, as in a step of T5-base.
  @Param("24576")
  public int rows;

  /// Of all operands.
  @Param({"BF16", "F32"})
  public DType type;

  private CudaArrays arrays;
  private DropoutKernels kernels;
  private DropoutCall call;
  private long x;
  private long branch;
  private long y;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().dropout();
    call = new DropoutCall(new DropoutMask(0.1f, 1, 2, 3, 4), rows, WIDTH, Types.of(type));
    x = arrays.zeros(type, call.elements());
    branch = arrays.zeros(type, call.elements());
    y = arrays.zeros(type, call.elements());
  }

  /// The kernel.
  @Benchmark
  public void residual() {
    arrays.repeat(() -> kernels.residual(call, x, branch, y));
  }

  /// The kernel with a probability of 0.
  @Benchmark
  public void sum() {
    arrays.repeat(() -> kernels.residual(call.whole(Types.of(type)), x, branch, y));
  }
}
