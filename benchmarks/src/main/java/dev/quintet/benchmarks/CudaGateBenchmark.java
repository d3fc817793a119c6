package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.GateCall;
import dev.quintet.core.backend.GateKernels;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Product;
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

/// The gate of T5-base's feed-forward layer with dropout on a CUDA device, forwards (three operands) and backwards (five);
/// and with the two products before it, 155 GFLOP, in one call and apart.
///
/// Run with the JMH pattern `CudaGate`. Not measured yet.
@Shown("the gate of the feed-forward layer on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaGateBenchmark {
  private static final int WIDTH = 2048;
  private static final int MODEL_WIDTH = 768;

  /// Tokens: 48 x 512, as in a step of T5-base.
  @Param("24576")
  public int rows;

  /// Of all operands.
  @Param({"BF16", "F32"})
  public DType type;

  private CudaArrays arrays;
  private GateKernels kernels;
  private GateCall call;
  private long gate;
  private long up;
  private long dy;
  private long y;
  private long dGate;
  private Product product;
  private long x;
  private long[] weights;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().gate();
    var mask = new DropoutMask(0.1f, 1, 2, 3, 4);
    call = new GateCall(Unary.GELU_TANH, new DropoutCall(mask, rows, WIDTH, Types.of(type)));
    long count = call.dropout().elements();
    gate = arrays.zeros(type, count);
    up = arrays.zeros(type, count);
    dy = arrays.zeros(type, count);
    y = arrays.zeros(type, count);
    dGate = arrays.zeros(type, count);
    product = Product.nt(rows, WIDTH, MODEL_WIDTH).withTypes(Types.of(type));
    x = arrays.zeros(type, (long) rows * MODEL_WIDTH);
    weights =
        new long[] {
          arrays.zeros(type, WIDTH * MODEL_WIDTH), arrays.zeros(type, WIDTH * MODEL_WIDTH)
        };
  }

  /// Products and gate, of which a backward will read the products.
  @Benchmark
  public void gatedProduct() {
    arrays.repeat(
        () -> kernels.gatedProduct(call, product, x, weights[0], weights[1], gate, up, y));
  }

  /// The same of which nothing is learned.
  @Benchmark
  public void gatedProductAlone() {
    arrays.repeat(() -> kernels.gatedProduct(call, product, x, weights[0], weights[1], 0, 0, y));
  }

  /// The same by two calls.
  @Benchmark
  public void productsAndGate() {
    arrays.repeat(() -> {
      arrays.backend().matmul().multiplyEach(product, x, weights, new long[] {gate, up});
      kernels.gated(call, gate, up, y);
    });
  }

  /// The kernel.
  @Benchmark
  public void gated() {
    arrays.repeat(() -> kernels.gated(call, gate, up, y));
  }

  /// The kernel.
  @Benchmark
  public void gatedBackward() {
    arrays.repeat(() ->
        kernels.gatedBackward(
            call, gate, up, dy, new Gradient(dGate, false), new Gradient(y, false)));
  }
}
