package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.SoftmaxKernels;
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

/// Softmax and its gradient of 64 million float32 numbers on a CUDA device, in rows that a warp holds, that a block holds, and
/// that nobody holds: 8 bytes an element forwards, then 12 where rows are read twice.
///
/// Run with the JMH pattern `CudaSoftmax`. Not measured yet.
@Shown("softmax on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaSoftmaxBenchmark {
  /// Elements in all.
  @Param("64000000")
  public int elements;

  /// Elements of a row.
  @Param({"512", "4096", "32128", "250112"})
  public int width;

  private CudaArrays arrays;
  private SoftmaxKernels kernels;
  private long rows;
  private long x;
  private long y;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().softmax();
    rows = elements / width;
    x = arrays.zeros(DType.F32, rows * width);
    y = arrays.zeros(DType.F32, rows * width);
  }

  /// The kernel.
  @Benchmark
  public void softmax() {
    arrays.repeat(() -> kernels.softmax(rows, width, x, y));
  }

  /// The kernel.
  @Benchmark
  public void softmaxBackward() {
    arrays.repeat(() -> kernels.softmaxBackward(rows, width, x, y, y, false));
  }
}
