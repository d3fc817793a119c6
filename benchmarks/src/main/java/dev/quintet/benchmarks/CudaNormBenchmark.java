package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.backend.NormRows;
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

/// RMS norm of a batch's encoder rows on a CUDA device, with the residual sum and its dropout, forwards and backwards: four
/// passes over a tensor forwards and five backwards.
///
/// Run with the JMH pattern `CudaNorm`. Not measured yet.
@Shown("RMS norm with residual sum on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaNormBenchmark {
  private static final int BATCH = 48;
  private static final int LENGTH = 512;

  /// D: T5-small's, base's, large's, and one that a block holds.
  @Param({"512", "768", "1024", "4096"})
  public int width;

  /// The type of all operands.
  @Param({"F32", "BF16"})
  public DType type;

  private CudaArrays arrays;
  private NormKernels kernels;
  private NormCall call;
  private DropoutCall dropout;
  private NormRows rows;
  private long x;
  private long branch;
  private long y;
  private Gradient dBranch;
  private Gradient dWeight;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().norm();
    int count = BATCH * LENGTH;
    call = new NormCall(count, width, 1e-6f, Types.of(type));
    var mask = new DropoutMask(0.1f, 1, 2, 3, 0);
    dropout = new DropoutCall(mask, BATCH, (long) LENGTH * width, Types.of(type));
    rows =
        new NormRows(
            arrays.zeros(type, call.elements()),
            arrays.zeros(type, width),
            arrays.zeros(DType.F32, count));
    x = arrays.zeros(type, call.elements());
    branch = arrays.zeros(type, call.elements());
    y = arrays.zeros(type, call.elements());
    dBranch = new Gradient(arrays.zeros(type, call.elements()), false);
    dWeight = new Gradient(arrays.zeros(DType.F32, width), true);
  }

  /// The norm alone.
  @Benchmark
  public void norm() {
    arrays.repeat(() -> kernels.norm(call, rows, y));
  }

  /// The sum and its norm.
  @Benchmark
  public void residualNorm() {
    arrays.repeat(() -> kernels.residualNorm(call, dropout, x, branch, rows, y));
  }

  /// Their gradients.
  @Benchmark
  public void residualNormBackward() {
    arrays.repeat(() ->
        kernels.residualNormBackward(
            call, dropout, rows, y, new Gradient(x, true), dBranch, dWeight));
  }
}
