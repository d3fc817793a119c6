package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.MatmulKernels;
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

/// The three matrix products of a linear layer on a CUDA device, at the sizes of a step of T5-base.
///
/// Run with the JMH pattern `CudaMatmul`. Not measured yet.
@Shown("products of a linear layer on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaMatmulBenchmark {
  /// Tokens, outputs and inputs of the layer.
  @Param({"24576x768x768", "24576x2048x768", "24576x768x2048", "6144x768x768", "6144x32128x768"})
  public String layer;

  /// Which product: y = x Wᵀ, dx = dy W or dW = dyᵀ x.
  @Param({"forward", "dx", "dw"})
  public String form;

  /// Of x, W and y; the weight's gradient is float32.
  @Param({"BF16", "F32"})
  public DType type;

  private CudaArrays arrays;
  private MatmulKernels kernels;
  private Product product;
  private long a;
  private long b;
  private long c;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().matmul();
    String[] sizes = layer.split("x");
    int tokens = Integer.parseInt(sizes[0]);
    int outputs = Integer.parseInt(sizes[1]);
    int inputs = Integer.parseInt(sizes[2]);
    product =
        switch (form) {
          case "forward" -> Product.nt(tokens, outputs, inputs).withTypes(Types.of(type));
          case "dx" -> Product.nn(tokens, inputs, outputs).withTypes(Types.of(type));
          case "dw" ->
              Product.tn(outputs, inputs, tokens).withTypes(new Types(type, type, DType.F32));
          default -> throw new IllegalArgumentException("no product is called " + form);
        };
    a = arrays.zeros(type, product.extentA());
    b = arrays.zeros(type, product.extentB());
    c = arrays.zeros(product.types().out(), product.extentC());
  }

  /// The kernel.
  @Benchmark
  public void multiply() {
    arrays.repeat(() -> kernels.multiply(product, a, b, c));
  }
}
