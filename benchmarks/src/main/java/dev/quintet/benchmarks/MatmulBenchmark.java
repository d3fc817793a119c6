package dev.quintet.benchmarks;

import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Product;
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
/// Run with the JMH pattern `MatmulBenchmark`, and with `-jvmArgsAppend -Dquintet.threads=1` for one thread: OpenBLAS
/// gets as many. [#main] takes turns between both in one process and prints ratios, which is fairer where others
/// use the processor too: `java -cp "benchmarks/target/quintet-benchmarks-*.jar:benchmarks/target/lib/*"` with the options of
/// [Forked] and this class's name.
///
/// Measured with [#main] on one thread of an EPYC with AVX-512 that others used too, best of the turns: geometric mean of all its
/// products 1.93 times OpenBLAS, which takes its 256-bit kernels for this processor (110 GFLOP/s; ours 512-bit, 185 to 220). With
/// `OPENBLAS_CORETYPE=SKYLAKEX` it takes 512 bits as well: 0.99, from 0.92 (960x384x96 dx) to 1.16 (960x96x96 dw).
/// On two threads, all 39 products: 1.86 times OpenBLAS (321 to 434 GFLOP/s).
/// 256-bit kernels (`-Dquintet.cpu=256`) against its 256-bit ones, one thread: 0.71 over 15 products with the parallel collector
/// and no strip-mined loops; 0.83 to 0.91 at 512x512x512 where loops are strip-mined, see [Forked#STRIPS].
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
public class MatmulBenchmark {
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
  private OpenBlas openBlas;
  private long a;
  private long b;
  private long c;

  /// Makes the operands.
  @Setup(Level.Trial)
  public void prepare() {
    DeviceArrays arrays = new DeviceArrays();
    kernels = arrays.backend().matmul();
    openBlas = new OpenBlas(arrays.backend().parallelism());
    prepare(arrays);
  }

  private void prepare(DeviceArrays arrays) {
    String[] sizes = layer.split("x");
    int tokens = Integer.parseInt(sizes[0]);
    int outputs = Integer.parseInt(sizes[1]);
    int inputs = Integer.parseInt(sizes[2]);
    product =
        switch (form) {
          case "forward" -> Product.nt(tokens, outputs, inputs);
          case "dx" -> Product.nn(tokens, inputs, outputs);
          case "dw" -> Product.tn(outputs, inputs, tokens).withAccumulate(true);
          default -> throw new IllegalArgumentException("no product is called " + form);
        };
    a = arrays.put(arrays.normal(product.m() * product.k()));
    b = arrays.put(arrays.normal(product.k() * product.n()));
    c = arrays.zeros((long) product.m() * product.n());
  }

  /// The kernel.
  @Benchmark
  public void quintet() {
    kernels.multiply(product, a, b, c);
  }

  /// The peer.
  @Benchmark
  public void openBlas() {
    openBlas.multiply(product, a, b, c);
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
    OpenBlas peer = new OpenBlas(arrays.backend().parallelism());
    System.out.println(arrays.backend().description());
    double logs = 0;
    int count = 0;
    for (String layer : all) {
      for (String form : FORMS) {
        MatmulBenchmark one = new MatmulBenchmark();
        one.layer = layer;
        one.form = form;
        one.kernels = arrays.backend().matmul();
        one.openBlas = peer;
        one.prepare(arrays);
        best(one::quintet, 400);
        double ours = Double.MAX_VALUE;
        double theirs = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
          ours = Math.min(ours, best(one::quintet, 40));
          Thread.sleep(3); // until the other's threads have stopped spinning
          theirs = Math.min(theirs, best(one::openBlas, 40));
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
