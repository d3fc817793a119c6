package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.backend.BeamCall;
import dev.quintet.core.backend.DrawState;
import dev.quintet.core.backend.Selection;
import dev.quintet.core.backend.SelectionKernels;
import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
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

/// Choosing tokens of T5's vocabulary on a CUDA device: a block a row, so that a few rows take as long as one.
///
/// Run with the JMH pattern `CudaSelection`. Not measured yet.
@Shown("choosing tokens on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(CudaArrays.LAUNCHES)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaSelectionBenchmark {
  private static final int WIDTH = 32_128;
  private static final Selection DRAWN = Selection.LIKELIEST.withDraws();

  /// Rows; four of each input under beams.
  @Param({"4", "64"})
  public int rows;

  private CudaArrays arrays;
  private SelectionKernels kernels;
  private DrawState state;
  private long logits;
  private long sums;
  private long tokens;
  private long places;

  /// Makes the operands.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    kernels = arrays.backend().selection();
    float[] values = new float[rows * WIDTH];
    var random = new SplittableRandom(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (3 * random.nextGaussian());
    }
    logits = arrays.zeros(DType.F32, values.length);
    arrays.backend().memory().write(MemorySegment.ofArray(values), logits, 4L * values.length);
    sums = arrays.zeros(DType.F32, rows);
    tokens = arrays.zeros(DType.F32, 2L * rows);
    places = arrays.zeros(DType.I32, 2L * rows);
    state = new DrawState(arrays.zeros(DType.F32, DrawState.bytes(rows) / 4));
  }

  private void select(Selection rule) {
    arrays.repeat(() -> kernels.select(rule, rows, WIDTH, logits, state, tokens));
  }

  /// Reads a row once.
  @Benchmark
  public void likeliest() {
    select(Selection.LIKELIEST);
  }

  /// Reads a row three times.
  @Benchmark
  public void topK() {
    select(DRAWN.withTopK(50));
  }

  /// Reads it three times too.
  @Benchmark
  public void allBounds() {
    select(DRAWN.withTemperature(0.8f).withTopK(50).withTopP(0.9).withMinP(0.02f));
  }

  /// Reads it five times, twice for exponentials of all.
  @Benchmark
  public void topP() {
    select(DRAWN.withTopP(0.9));
  }

  /// The best eight continuations of four beams: reads each row twice, in two launches.
  @Benchmark
  public void beams() {
    var call = new BeamCall(rows / 4, 4, WIDTH, 8, List.of());
    arrays.repeat(() -> kernels.beams(call, logits, sums, tokens, places));
  }
}
