package dev.quintet.benchmarks;

import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.OptimizerKernels.AdamW;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// AdamW of T5-small's 60.5 million parameters, and the norm of as many gradients, beside a loop over arrays on one thread.
///
/// Run with the JMH pattern `AdamWBenchmark`. 28 bytes a parameter must move, 1.7 GB, so the memory decides.
///
/// Measured with `-bm sample`, the smallest sample, on two threads of a shared EPYC with AVX-512, in
/// milliseconds: update 31, over arrays 64; sum of squares 9.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-XX:+UseParallelGC"
    })
public class AdamWBenchmark {
  private static final int COUNT = 60_500_000;
  private static final AdamW UPDATE = new AdamW(1e-3f, 0.9f, 0.999f, 1e-8f, 0.01f, 3);

  private OptimizerKernels kernels;
  private float[] parameter;
  private float[] gradient;
  private float[] first;
  private float[] second;
  private long parameterAt;
  private long gradientAt;
  private long firstAt;
  private long secondAt;
  private long sumAt;

  /// Makes the operands.
  @Setup
  public void prepare() {
    DeviceArrays arrays = new DeviceArrays();
    kernels = arrays.backend().optimizer();
    parameter = arrays.normal(COUNT);
    gradient = arrays.normal(COUNT);
    first = new float[COUNT];
    second = new float[COUNT];
    parameterAt = arrays.put(parameter);
    gradientAt = arrays.put(gradient);
    firstAt = arrays.zeros(COUNT);
    secondAt = arrays.zeros(COUNT);
    sumAt = arrays.zeros(2);
  }

  /// The kernel.
  @Benchmark
  public void update() {
    kernels.adamW(UPDATE, 0, parameterAt, gradientAt, firstAt, secondAt, COUNT);
  }

  /// The kernel.
  @Benchmark
  public void sumOfSquares() {
    kernels.sumOfSquares(gradientAt, COUNT, sumAt, false);
  }

  /// The peer.
  @Benchmark
  public float[] updateOfArrays() {
    float keep = 1 - UPDATE.rate() * UPDATE.decay();
    float step = (float) (UPDATE.rate() / (1 - Math.pow(UPDATE.beta1(), UPDATE.step())));
    float root = (float) (1 / Math.sqrt(1 - Math.pow(UPDATE.beta2(), UPDATE.step())));
    float beta1 = UPDATE.beta1();
    float beta2 = UPDATE.beta2();
    float epsilon = UPDATE.epsilon();
    for (int i = 0; i < COUNT; i++) {
      float g = gradient[i];
      first[i] = beta1 * first[i] + (1 - beta1) * g;
      second[i] = beta2 * second[i] + (1 - beta2) * g * g;
      float denominator = (float) Math.sqrt(second[i]) * root + epsilon;
      parameter[i] = parameter[i] * keep - step * first[i] / denominator;
    }
    return parameter;
  }
}
