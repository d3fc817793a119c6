package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.ReductionKernels;
import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.shape.DType;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Sums, a running sum and the largest on a CUDA device, of 64 rows of logits of T5-base and of a gradient of a bias.
///
/// Run with the JMH pattern `CudaReductionBenchmark`. Not measured yet.
@Shown("sums and the largest on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaReductionBenchmark {
  private static final int ROWS = 64;
  private static final int WIDTH = 32_128;
  private static final int TOKENS = 48 * 512;
  private static final int COLUMNS = 768;

  private CudaArrays arrays;
  private ReductionKernels kernels;
  private long x;
  private long y;
  private long indices;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().reduction();
    x = arrays.zeros(DType.F32, TOKENS * COLUMNS);
    y = arrays.zeros(DType.F32, TOKENS * COLUMNS);
    indices = arrays.zeros(DType.I32, ROWS * 50);
  }

  /// Of rows: 8 MB.
  @Benchmark
  public void sumRows() {
    arrays.repeat(() -> kernels.reduce(Reduction.SUM, ROWS, WIDTH, 1, x, y));
  }

  /// Of columns: 75 MB.
  @Benchmark
  public void sumColumns() {
    arrays.repeat(() -> kernels.reduce(Reduction.SUM, 1, TOKENS, COLUMNS, x, y));
  }

  /// Along rows: 16 MB written and read, and read again for the sums of parts.
  @Benchmark
  public void cumulativeSum() {
    arrays.repeat(() -> kernels.cumulativeSum(ROWS, WIDTH, 1, false, x, y));
  }

  /// The place of the largest: 8 MB.
  @Benchmark
  public void argMax() {
    arrays.repeat(() -> kernels.argMax(ROWS, WIDTH, x, indices));
  }

  /// The 50 largest of each row.
  @Benchmark
  public void topK() {
    arrays.repeat(() -> kernels.topK(ROWS, WIDTH, 50, x, y, indices));
  }
}
