package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.OptimizerKernels.Adafactor;
import dev.quintet.core.backend.OptimizerKernels.AdamW;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.OptimizerKernels.OwnRate;
import dev.quintet.core.backend.OptimizerKernels.Scale;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.shape.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Updates of T5-base's size on a CUDA device, bfloat16 with float32 masters: 282 parameters, 232 million elements.
///
/// Run with the JMH pattern `CudaOptimizerBenchmark`. Not measured yet.
@Shown("updates of 232 million parameters on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaOptimizerBenchmark {
  private static final AdamW ADAM = new AdamW(0.9f, 0.999f, 1e-8f);
  private static final Adafactor ADAFACTOR =
      new Adafactor(
          new Scale(true, 1e-3, Double.POSITIVE_INFINITY), OwnRate.GIVEN, 0, -0.8, 1e-30, 1, true);
  private static final int WIDTH = 768;

  private CudaArrays arrays;
  private OptimizerKernels kernels;
  private Spans whole;
  private Spans factored;
  private RunState state;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().optimizer();
    List<Span> elements = new ArrayList<>();
    List<Span> matrices = new ArrayList<>();
    add(arrays, 32_128, elements, matrices);
    add(arrays, 32_128, elements, matrices);
    for (int i = 0; i < 218; i++) {
      add(arrays, i % 4 == 0 ? 2048 : 768, elements, matrices);
    }
    for (int i = 0; i < 62; i++) {
      add(arrays, 1, elements, matrices);
    }
    whole = Spans.of(arrays.backend().memory(), elements);
    factored = Spans.of(arrays.backend().memory(), matrices);
    state = new RunState(arrays.zeros(DType.U8, RunState.BYTES));
    state.write(arrays.backend().memory(), new RunState.Inputs(0, 0, 0, 1e-3, 1));
    state.write(arrays.backend().memory(), new RunState.Outcome(0, 0, 0, 1, 0, 3));
  }

  private static void add(CudaArrays arrays, int rows, List<Span> elements, List<Span> matrices) {
    long count = (long) rows * WIDTH;
    long parameter = arrays.zeros(DType.BF16, count);
    long master = arrays.zeros(DType.F32, count);
    long gradient = arrays.zeros(DType.F32, count);
    var at =
        new Span.Places(
            parameter,
            master,
            gradient,
            arrays.zeros(DType.F32, count),
            arrays.zeros(DType.F32, count),
            0);
    elements.add(new Span(DType.BF16, Matrices.whole(count), at, 0.01, 1, 0));
    if (rows == 1) {
      var alone =
          new Span.Places(parameter, master, gradient, 0, arrays.zeros(DType.F32, count), 0);
      matrices.add(new Span(DType.BF16, Matrices.whole(count), alone, 0, 1, 0));
      return;
    }
    var means =
        new Span.Places(
            parameter,
            master,
            gradient,
            0,
            arrays.zeros(DType.F32, rows),
            arrays.zeros(DType.F32, WIDTH));
    matrices.add(new Span(DType.BF16, new Matrices(1, rows, WIDTH), means, 0, 1, 0));
  }

  /// 30 bytes an element.
  @Benchmark
  public void adamW() {
    arrays.repeat(() -> kernels.adamW(ADAM, state, whole));
  }

  /// 4 bytes an element.
  @Benchmark
  public void sumOfSquares() {
    arrays.repeat(() -> kernels.sumOfSquares(whole, state));
  }

  /// 26 bytes an element: the gradient three times, the parameter to be measured and to be updated.
  @Benchmark
  public void adafactor() {
    arrays.repeat(() -> kernels.adafactor(ADAFACTOR, state, factored));
  }
}
