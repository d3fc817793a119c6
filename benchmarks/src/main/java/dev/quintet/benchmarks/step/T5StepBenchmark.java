package dev.quintet.benchmarks.step;

import dev.quintet.benchmarks.Forked;
import dev.quintet.benchmarks.contest.Counted;
import dev.quintet.benchmarks.contest.Shown;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// One whole training step: forward, backward, clipping, AdamW. Steps, tokens and 10^9 floating-point operations
/// a second, and at the end of each fork the best and the median seconds a step; see [Forked] for the command.
///
/// There is no peer on the JVM that trains a T5. Beside transformers 5.18 on PyTorch 2.13 with fused AdamW, two threads
/// each, in turns on an AMD EPYC with AVX-512 (family 26, model 2; 2 processors that others shared, so hold the ratios):
/// T5_SMALL best 2.3 s a step beside 6.4 s, DEMO best 16 ms beside 35 ms. Later, PyTorch with sdpa and its allocator told to keep
/// memory: T5_SMALL median 2.8 s beside 9.6 s (best 2.6 and 7.3), THREE_LAYERS median 0.24 s beside 0.44 s (best 0.16 and 0.43).
///
/// T5_SMALL_SPREAD has rows of several lengths, whose padding is left out: its median is 0.60 of T5_SMALL's, with 0.58 of the
/// tokens.
@Shown("a training step: forward, backward, clipping, AdamW")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 10)
@Measurement(iterations = 3, time = 10)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class T5StepBenchmark implements Counted {
  /// What is trained.
  @Param public StepSize size;

  private TrainingStep step;
  private Times times;

  /// Makes the model.
  @Setup
  public void make() {
    step = new TrainingStep(size);
    times = new Times();
  }

  /// Frees it and prints the seconds.
  @TearDown
  public void free() {
    step.close();
    times.print(size + ": seconds a step");
  }

  /// What a step is counted as.
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Work {
    /// Source and target tokens.
    public double tokens;

    /// 10^9 floating-point operations of the matrix products.
    public double gigaflops;
  }

  /// Loss, backward, clip, update.
  @Benchmark
  public float step(Work work) {
    long start = System.nanoTime();
    float loss = step.run();
    times.add(System.nanoTime() - start);
    work.tokens += size.tokens();
    work.gigaflops += size.flops() / 1e9;
    return loss;
  }

  @Override
  public dev.quintet.benchmarks.contest.Work work(String method) {
    return new dev.quintet.benchmarks.contest.Work(size.flops(), 0);
  }
}
