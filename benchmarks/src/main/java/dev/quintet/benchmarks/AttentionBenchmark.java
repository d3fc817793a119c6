package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Counted;
import dev.quintet.benchmarks.contest.Peer;
import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.benchmarks.contest.Work;
import dev.quintet.benchmarks.peer.LibTorch;
import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.AttentionKernels.Gradients;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Attention with T5's relative bias, forward and backward, with and without dropout: T5-small's encoder, its cross
/// attention, the demo's encoder, and one step of decoding.
///
/// Run with the JMH pattern `AttentionBenchmark`. The peer, libtorch through DJL, writes the forward out
/// in plain operations, since DJL has no fused attention.
///
/// Measured as processor time of one thread of a shared EPYC with AVX-512, 512-bit kernels, B = 2, H = 8, T = S = 512,
/// K = 64: forward 7.4 ms (145 GFLOP/s, of some 220 that the registers' block alone reaches), backward 18.3 ms (146). For B = 8 on two
/// threads that is 15 and 37 ms, where PyTorch 2.13's SDPA takes 45 and about 150.
@Shown(
    value = "attention with T5's bias, forward and backward",
    quick = {"sizes=8x8x512x512x64,8x8x1x512x64", "dropout=0"})
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      Forked.VECTORS,
      Forked.MEMORY,
      Forked.COLLECTOR,
      Forked.COUNTED,
      Forked.STRIPS
    })
public class AttentionBenchmark implements Counted {
  /// B, H, T, S and K.
  @Param({"8x8x512x512x64", "8x8x64x512x64", "32x4x48x48x24", "8x8x1x512x64"})
  public String sizes = "";

  /// The probability of dropout.
  @Param({"0", "0.1"})
  public float dropout;

  private AttentionKernels kernels;
  private AttentionCall call;
  private Inputs in;
  private Results results;
  private Gradients gradients;
  private long dOut;

  /// Makes the operands.
  @Setup
  public void prepare() {
    DeviceArrays arrays = new DeviceArrays();
    kernels = arrays.backend().attention();
    int[] s = sizes();
    int batch = s[0];
    int heads = s[1];
    int queries = s[2];
    int keys = s[3];
    int width = s[4];
    int ofQueries = batch * queries * heads * width;
    int ofKeys = batch * keys * heads * width;
    in =
        new Inputs(
            arrays.put(arrays.normal(ofQueries)),
            arrays.put(arrays.normal(ofKeys)),
            arrays.put(arrays.normal(ofKeys)));
    results = new Results(arrays.zeros(ofQueries), arrays.zeros((long) batch * heads * queries));
    dOut = arrays.put(arrays.normal(ofQueries));
    int reach = 128;
    gradients =
        new Gradients(
            new Gradient(arrays.zeros(ofQueries), false),
            new Gradient(arrays.zeros(ofKeys), false),
            new Gradient(arrays.zeros(ofKeys), false),
            new Gradient(arrays.zeros(heads * (2L * reach + 1)), true));
    long bias = arrays.put(arrays.normal(heads * (2 * reach + 1)));
    call =
        AttentionCall.of(batch, heads, queries, keys, width)
            .withBias(AttentionCall.Bias.table(bias, reach))
            .withDropout(new DropoutMask(dropout, 1, 2, 3, 0));
    forward();
  }

  /// The kernel.
  @Benchmark
  public void forward() {
    kernels.attention(call, in, results);
  }

  /// The same operands as libtorch's arrays, the bias written out.
  @State(Scope.Benchmark)
  public static class Torch {
    private LibTorch torch;
    private Object queries;
    private Object keys;
    private Object values;
    private Object bias;

    /// Makes the operands.
    @Setup
    public void prepare(AttentionBenchmark same) {
      DeviceArrays arrays = new DeviceArrays();
      torch = new LibTorch(arrays.backend().parallelism());
      int[] s = same.sizes();
      queries = operand(arrays, s[0], s[2], s[1], s[4]);
      keys = operand(arrays, s[0], s[3], s[1], s[4]);
      values = operand(arrays, s[0], s[3], s[1], s[4]);
      bias = torch.array(arrays.normal(s[1] * s[2] * s[3]), 1, s[1], s[2], s[3]);
    }

    private Object operand(DeviceArrays arrays, int batch, int length, int heads, int width) {
      float[] made = arrays.normal(batch * length * heads * width);
      return torch.array(made, batch, length, heads, width);
    }
  }

  /// The peer, operation by operation, since DJL has no other way: scores, bias, softmax, sum.
  @Peer(value = LibTorch.NAME + ", plain operations", beside = "forward")
  @Benchmark
  public void forwardOfTorch(Torch peer) {
    LibTorch torch = peer.torch;
    Object queries = torch.transpose(peer.queries, 0, 2, 1, 3);
    Object keys = torch.transpose(peer.keys, 0, 2, 3, 1);
    Object values = torch.transpose(peer.values, 0, 2, 1, 3);
    Object scores = torch.matMul(queries, keys);
    torch.addInPlace(scores, peer.bias);
    Object weights = torch.softmax(scores, 3);
    Object sums = torch.matMul(weights, values);
    torch.close(queries, keys, values, scores, weights, sums);
  }

  @Override
  public boolean compares(String ours, String peer) {
    return dropout == 0; // DJL has none outside its layers
  }

  /// Two products forwards, five backwards (Dao et al., arXiv:2205.14135); each operand once.
  @Override
  public Work work(String method) {
    int[] s = sizes();
    double product = 2.0 * s[0] * s[1] * s[2] * s[3] * s[4];
    double width = 4.0 * s[0] * s[1] * s[4];
    return method.startsWith("forward")
        ? new Work(2 * product, width * (2 * s[2] + 2 * s[3]))
        : new Work(5 * product, width * (4 * s[2] + 4 * s[3]));
  }

  private int[] sizes() {
    return Arrays.stream(sizes.split("x")).mapToInt(Integer::parseInt).toArray();
  }

  /// The kernel.
  @Benchmark
  public void backward() {
    kernels.attentionBackward(call, in, results, dOut, gradients);
  }
}
