package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Counted;
import dev.quintet.benchmarks.contest.Peer;
import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.benchmarks.contest.Work;
import dev.quintet.benchmarks.peer.Blas;
import dev.quintet.benchmarks.peer.LibTorch;
import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Product;
import dev.quintet.core.cpu.CpuBackend;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// The three matrix products of a linear layer beside OpenBLAS 0.3.31, at the sizes of T5-small (width 512), T5-base (768)
/// and the demo's model (96).
///
/// Run with the JMH pattern `MatmulBenchmark`, and with `-Dquintet.threads=1` for one thread: the peers
/// get as many. [#main] takes turns between both in one process and prints ratios, which is fairer where others
/// use the processor too: `java -cp benchmarks/target/benchmarks.jar` with the options of
/// [Forked] and this class's name.
///
/// Measured with [#main] on one thread of an EPYC with AVX-512 that others used too, best of the turns: geometric mean of all its
/// products 1.93 times OpenBLAS, which takes its 256-bit kernels for this processor (110 GFLOP/s; ours 512-bit, 185 to 220). With
/// `OPENBLAS_CORETYPE=SKYLAKEX` it takes 512 bits as well: 0.99, from 0.92 (960x384x96 dx) to 1.16 (960x96x96 dw).
/// On two threads, all 39 products: 1.86 times OpenBLAS (321 to 434 GFLOP/s).
/// 256-bit kernels (`-Dquintet.cpu=256`) against its 256-bit ones, one thread: 0.71 over 15 products with the parallel collector
/// and no strip-mined loops; 0.83 to 0.91 at 512x512x512 where loops are strip-mined, see [Forked#STRIPS].
@Shown(
    value = "the three products of a linear layer, at T5's sizes and the demo's",
    quick = {"layer=960x96x96,4096x512x512,512x2048x512", "form=forward,dw"})
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      Forked.VECTORS,
      Forked.MEMORY,
      Forked.COLLECTOR,
      Forked.COUNTED,
      Forked.STRIPS
    })
public class MatmulBenchmark implements Counted {
  private static final String[] FORMS = {"forward", "dx", "dw"};
  private static final int ROUNDS = 8;

  /// Tokens, outputs and inputs of the layer.
  @Param({
    "960x96x96",
    "960x384x96",
    "4096x512x512",
    "4096x2048x512",
    "4096x512x2048",
    "512x2048x512",
    "2048x768x768",
    "2048x3072x768"
  })
  public String layer = "960x96x96";

  /// Which product: y = x Wᵀ, dx = dy W or dW += dyᵀ x.
  @Param({"forward", "dx", "dw"})
  public String form = "forward";

  private Product product;
  private MatmulKernels kernels;
  private long a;
  private long b;
  private long c;

  /// Makes the operands.
  @Setup(Level.Trial)
  public void prepare() {
    DeviceArrays arrays = new DeviceArrays();
    kernels = arrays.backend().matmul();
    prepare(arrays);
  }

  private void prepare(DeviceArrays arrays) {
    product = product();
    a = arrays.put(arrays.normal(product.m() * product.k()));
    b = arrays.put(arrays.normal(product.k() * product.n()));
    c = arrays.zeros((long) product.m() * product.n());
  }

  private Product product() {
    String[] sizes = layer.split("x");
    int tokens = Integer.parseInt(sizes[0]);
    int outputs = Integer.parseInt(sizes[1]);
    int inputs = Integer.parseInt(sizes[2]);
    return switch (form) {
      case "forward" -> Product.nt(tokens, outputs, inputs);
      case "dx" -> Product.nn(tokens, inputs, outputs);
      case "dw" -> Product.tn(outputs, inputs, tokens).withAccumulate(true);
      default -> throw new IllegalArgumentException("no product is called " + form);
    };
  }

  /// The kernel.
  @Benchmark
  public void quintet() {
    kernels.multiply(product, a, b, c);
  }

  /// OpenBLAS.
  @State(Scope.Benchmark)
  public static class Open {
    private Blas blas;

    /// Loads it.
    @Setup
    public void load() {
      blas = Blas.openBlas(CpuBackend.threads());
    }
  }

  /// Intel's library.
  @State(Scope.Benchmark)
  public static class Mkl {
    private Blas blas;

    /// Loads it.
    @Setup
    public void load() {
      blas = Blas.mkl(CpuBackend.threads());
    }
  }

  /// The same operands as libtorch's arrays.
  @State(Scope.Benchmark)
  public static class Torch {
    private LibTorch torch;
    private Object a;
    private Object b;
    private Object c;

    /// Makes the operands.
    @Setup
    public void prepare(MatmulBenchmark same) {
      torch = new LibTorch(CpuBackend.threads());
      Product p = same.product();
      DeviceArrays arrays = new DeviceArrays();
      a = operand(arrays, p.a().transposed(), p.m(), p.k());
      b = operand(arrays, p.b().transposed(), p.k(), p.n());
      c = torch.array(new float[p.m() * p.n()], p.m(), p.n());
    }

    private Object operand(DeviceArrays arrays, boolean transposed, int rows, int columns) {
      float[] values = arrays.normal(rows * columns);
      return transposed
          ? torch.transpose(torch.array(values, columns, rows), 1, 0)
          : torch.array(values, rows, columns);
    }
  }

  /// The peer.
  @Peer(value = "OpenBLAS 0.3.31", beside = "quintet")
  @Benchmark
  public void openBlas(Open peer) {
    peer.blas.multiply(product, a, b, c);
  }

  /// The peer.
  @Peer(value = "MKL 2025.3", beside = "quintet")
  @Benchmark
  public void mkl(Mkl peer) {
    peer.blas.multiply(product, a, b, c);
  }

  /// The peer, which makes a new array for each product.
  @Peer(value = LibTorch.NAME, beside = "quintet")
  @Benchmark
  public void libTorch(Torch peer) {
    Object made = peer.torch.matMul(peer.a, peer.b);
    if (product.accumulate()) {
      peer.torch.addInPlace(peer.c, made);
    }
    peer.torch.close(made);
  }

  /// Two operations for each of m n k, and each matrix once.
  @Override
  public Work work(String method) {
    Product p = product();
    double m = p.m();
    double n = p.n();
    double k = p.k();
    return new Work(2 * m * n * k, 4 * (m * k + k * n + (p.accumulate() ? 2 : 1) * m * n));
  }

  /// Prints GFLOP/s of both and their ratio for each layer, from the best of some rounds in turns, and the
  /// geometric mean.
  ///
  /// @param layers which layers, as tokens x outputs x inputs; without any, a few
  /// @throws InterruptedException if interrupted between rounds
  public static void main(String... layers) throws InterruptedException {
    String[] all =
        layers.length > 0
            ? layers
            : new String[] {
              "960x96x96", "960x384x96", "960x96x384", "160x4096x96", "4096x512x512",
              "4096x2048x512", "4096x512x2048", "512x512x512", "512x2048x512", "512x512x2048",
              "2048x768x768", "2048x3072x768", "2048x768x3072"
            };
    DeviceArrays arrays = new DeviceArrays();
    Open peer = new Open();
    peer.load();
    System.out.println(arrays.backend().description());
    double logs = 0;
    int count = 0;
    for (String layer : all) {
      for (String form : FORMS) {
        MatmulBenchmark one = new MatmulBenchmark();
        one.layer = layer;
        one.form = form;
        one.kernels = arrays.backend().matmul();
        one.prepare(arrays);
        best(one::quintet, 400);
        double ours = Double.MAX_VALUE;
        double theirs = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
          ours = Math.min(ours, best(one::quintet, 40));
          Thread.sleep(3); // until the other's threads have stopped spinning
          theirs = Math.min(theirs, best(() -> one.openBlas(peer), 40));
          Thread.sleep(3);
        }
        double flops = 2e-9 * one.product.m() * one.product.n() * one.product.k();
        System.out.printf(
            "%-14s %-8s %6.1f GFLOP/s, OpenBLAS %6.1f, ratio %.2f%n",
            layer, form, flops / ours, flops / theirs, theirs / ours);
        logs += Math.log(theirs / ours);
        count++;
      }
    }
    System.out.printf("geometric mean %.2f%n", Math.exp(logs / count));
  }

  /// The best time of one call, in seconds, of as many as there are in some milliseconds.
  private static double best(Runnable call, int milliseconds) {
    long end = System.nanoTime() + milliseconds * 1_000_000L;
    long best = Long.MAX_VALUE;
    do {
      long start = System.nanoTime();
      call.run();
      best = Math.min(best, System.nanoTime() - start);
    } while (System.nanoTime() < end);
    return 1e-9 * best;
  }
}
