package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Counted;
import dev.quintet.benchmarks.contest.Peer;
import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.benchmarks.contest.Work;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.OptimizerKernels.AdamW;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.shape.DType;
import java.util.List;
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
@Shown("AdamW of 60.5 million parameters, and the norm of their gradients")
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
public class AdamWBenchmark implements Counted {
  private static final int COUNT = 60_500_000;
  private static final AdamW UPDATE = new AdamW(0.9f, 0.999f, 1e-8f);
  private static final float RATE = 1e-3f;
  private static final float DECAY = 0.01f;
  private static final int STEP = 3;

  private OptimizerKernels kernels;
  private float[] parameter;
  private float[] gradient;
  private float[] first;
  private float[] second;
  private Spans spans;
  private RunState state;

  /// Makes the operands.
  @Setup
  public void prepare() {
    DeviceArrays arrays = new DeviceArrays();
    kernels = arrays.backend().optimizer();
    parameter = arrays.normal(COUNT);
    gradient = arrays.normal(COUNT);
    first = new float[COUNT];
    second = new float[COUNT];
    var at =
        new Span.Places(
            arrays.put(parameter),
            0,
            arrays.put(gradient),
            arrays.zeros(COUNT),
            arrays.zeros(COUNT),
            0);
    var memory = arrays.backend().memory();
    var span = new Span(DType.F32, Matrices.whole(COUNT), at, DECAY, 1, 0);
    spans = Spans.of(memory, List.of(span));
    state = new RunState(arrays.zeros(RunState.BYTES / Float.BYTES));
    state.write(memory, new RunState.Inputs(0, 0, 0, RATE, 1));
    state.write(memory, new RunState.Outcome(0, 0, 0, 1, 0, STEP));
  }

  /// The kernel.
  @Benchmark
  public void update() {
    kernels.adamW(UPDATE, state, spans);
  }

  /// The kernel.
  @Benchmark
  public void sumOfSquares() {
    kernels.sumOfSquares(spans, state);
  }

  /// The peer.
  @Peer(value = "a loop over arrays, one thread", beside = "update")
  @Benchmark
  public float[] updateOfArrays() {
    float keep = 1 - RATE * DECAY;
    float step = (float) (RATE / (1 - Math.pow(UPDATE.beta1(), STEP)));
    float root = (float) (1 / Math.sqrt(1 - Math.pow(UPDATE.beta2(), STEP)));
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

  /// 28 bytes a parameter: gradient, parameter and both moments are read, all but the gradient written.
  @Override
  public Work work(String method) {
    return method.startsWith("update")
        ? new Work(14.0 * COUNT, 28.0 * COUNT)
        : new Work(2.0 * COUNT, 4.0 * COUNT);
  }
}
