package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.Broadcast;
import dev.quintet.core.backend.ElementwiseKernels;
import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
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

/// Functions element by element of float32 rows of 768 on a CUDA device: of one argument, its derivative, and a sum with one row
/// for all. All are bound by memory: 8, 12 and 8 bytes an element.
///
/// Run with the JMH pattern `CudaElementwise`. Not measured yet.
@Shown("functions element by element on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaElementwiseBenchmark {
  private static final int WIDTH = 768;

  /// Tokens: 48 x 512, as in a step of T5-base.
  @Param("24576")
  public int rows;

  private CudaArrays arrays;
  private ElementwiseKernels kernels;
  private Broadcast axes;
  private long count;
  private long x;
  private long y;
  private long row;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().elementwise();
    axes = Broadcast.of(Shape.of(rows, WIDTH), Shape.of(WIDTH));
    count = (long) rows * WIDTH;
    x = arrays.zeros(DType.F32, count);
    y = arrays.zeros(DType.F32, count);
    row = arrays.zeros(DType.F32, WIDTH);
  }

  /// A function of one argument.
  @Benchmark
  public void unary() {
    arrays.repeat(() -> kernels.unary(Unary.GELU_TANH, 0, x, y, count));
  }

  /// Its derivative.
  @Benchmark
  public void unaryBackward() {
    arrays.repeat(
        () -> kernels.unaryBackward(Unary.GELU_TANH, 0, x, y, new Gradient(y, false), count));
  }

  /// A sum with broadcasting.
  @Benchmark
  public void addRow() {
    arrays.repeat(() -> kernels.binary(Binary.ADD, axes, x, row, y));
  }
}
