package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.LayoutKernels;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;
import java.util.Random;
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

/// Copies, casts, and an embedding with its gradient on a CUDA device, of T5-base: 48 x 512 tokens of width 768.
///
/// Run with the JMH pattern `CudaLayoutBenchmark`. Not measured yet.
@Shown("copies, casts and an embedding on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaLayoutBenchmark {
  private static final int TOKENS = 48 * 512;
  private static final int WIDTH = 768;
  private static final int VOCABULARY = 32_128;

  private CudaArrays arrays;
  private LayoutKernels kernels;
  private long x;
  private long y;
  private long table;
  private long ids;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().layout();
    x = arrays.zeros(DType.F32, (long) TOKENS * WIDTH);
    y = arrays.zeros(DType.F32, (long) TOKENS * WIDTH);
    table = arrays.zeros(DType.F32, (long) VOCABULARY * WIDTH);
    ids = arrays.zeros(DType.I32, TOKENS);
    int[] random = new Random(1).ints(TOKENS, 0, VOCABULARY).toArray();
    arrays.backend().memory().write(MemorySegment.ofArray(random), ids, 4L * TOKENS);
  }

  /// Heads apart, [48, 512, 12, 64] to [48, 12, 512, 64], in bfloat16: 75 MB.
  @Benchmark
  public void copyHeads() {
    arrays.repeat(() ->
        kernels.copy(
            new StridedCopy(
                new int[] {48, 12, 512, 64},
                new long[] {512 * WIDTH, 64, WIDTH, 1},
                new long[] {512 * WIDTH, 512 * 64, 64, 1}),
            2,
            x,
            y));
  }

  /// Rows to columns, in float32: 151 MB.
  @Benchmark
  public void transpose() {
    arrays.repeat(() ->
        kernels.copy(
            new StridedCopy(
                new int[] {WIDTH, TOKENS}, new long[] {1, WIDTH}, new long[] {TOKENS, 1}),
            4,
            x,
            y));
  }

  /// To bfloat16: 113 MB.
  @Benchmark
  public void cast() {
    arrays.repeat(() -> kernels.cast(DType.F32, DType.BF16, x, y, (long) TOKENS * WIDTH));
  }

  /// Rows of a table: 75 MB.
  @Benchmark
  public void gather() {
    arrays.repeat(
        () -> kernels.gather(Gather.rows(VOCABULARY, TOKENS, WIDTH, DType.BF16), table, ids, y));
  }

  /// Sums of rows: 38 MB read, and 8 bytes an element of each row that comes.
  @Benchmark
  public void scatterAdd() {
    arrays.repeat(() ->
        kernels.scatterAdd(Gather.rows(VOCABULARY, TOKENS, WIDTH, DType.BF16), y, ids, table));
  }
}
