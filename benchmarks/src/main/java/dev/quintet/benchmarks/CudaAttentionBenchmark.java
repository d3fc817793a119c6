package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.AttentionKernels.Gradients;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
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

/// Attention with T5's relative bias and its gradient on a CUDA device: T5-base's encoder and its cross attention, by rung of
/// the ladder. Float32 takes the plain kernels, bfloat16 of width 64 tensor cores, on compute capability 9.0 by Hopper's own
/// instructions, but for keys with a gap that their copies do not take.
///
/// Run with the JMH pattern `CudaAttentionBenchmark`; skipped where there is no device. Not measured yet.
@Shown("attention with T5's bias on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaAttentionBenchmark {
  /// B, H, T, S and K.
  @Param({"48x12x512x512x64", "48x12x128x512x64"})
  public String sizes = "";

  /// The type of operands.
  @Param({"BF16", "F32"})
  public DType type = DType.BF16;

  /// The probability of dropout.
  @Param({"0", "0.1"})
  public float dropout;

  /// Elements between the keys of one row of the batch and the next.
  @Param({"0", "8"})
  public int gap;

  private CudaArrays arrays;
  private AttentionKernels kernels;
  private AttentionCall call;
  private Inputs in;
  private Results results;
  private Gradients gradients;
  private long dOut;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().attention();
    String[] s = sizes.split("x");
    int batch = Integer.parseInt(s[0]);
    int heads = Integer.parseInt(s[1]);
    int queries = Integer.parseInt(s[2]);
    int keys = Integer.parseInt(s[3]);
    int width = Integer.parseInt(s[4]);
    long ofQueries = (long) batch * queries * heads * width;
    long keyStride = (long) keys * heads * width + gap;
    long ofKeys = batch * keyStride;
    int reach = 128;
    long distances = heads * (2L * reach + 1);
    in =
        new Inputs(
            arrays.zeros(type, ofQueries), arrays.zeros(type, ofKeys), arrays.zeros(type, ofKeys));
    results =
        new Results(
            arrays.zeros(type, ofQueries), arrays.zeros(DType.F32, (long) batch * heads * queries));
    dOut = arrays.zeros(type, ofQueries);
    gradients =
        new Gradients(
            new Gradient(arrays.zeros(type, ofQueries), false),
            new Gradient(arrays.zeros(type, ofKeys), false),
            new Gradient(arrays.zeros(type, ofKeys), false),
            new Gradient(arrays.zeros(DType.F32, distances), true));
    long bias = arrays.zeros(DType.F32, distances);
    call =
        AttentionCall.of(batch, heads, queries, keys, width)
            .withType(type)
            .withKeyBatchStride(keyStride)
            .withBias(AttentionCall.Bias.table(bias, reach))
            .withDropout(new DropoutMask(dropout, 1, 2, 3, 0));
    kernels.attention(call, in, results);
  }

  /// The kernels.
  @Benchmark
  public void forward() {
    arrays.repeat(() -> kernels.attention(call, in, results));
  }

  /// The kernels.
  @Benchmark
  public void backward() {
    arrays.repeat(() -> kernels.attentionBackward(call, in, results, dOut, gradients));
  }
}
