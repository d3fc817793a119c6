package dev.quintet.benchmarks.step;

import dev.quintet.benchmarks.Forked;
import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.models.adapt.lora.Lora;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// One training step of a LoRA of rank 8 on queries and values of a T5-small, whose own weights are frozen: 8 rows of 512
/// source and 64 target tokens, dropout 0.1. Prints the best and the median seconds a step; see [Forked] for the command.
/// [T5StepBenchmark] is the same with all weights.
///
/// In turns with peft 0.21 on PyTorch 2.13 (sdpa, fused AdamW, glibc's allocator told not to give memory back), two threads
/// each, on an AMD EPYC with AVX-512 (2 processors, quiet), medians: 2.51 and 2.57 s a step beside 6.00 and 6.45.
@Shown("a training step of a LoRA on a frozen T5-small")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 10)
@Measurement(iterations = 3, time = 10)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class LoraStepBenchmark {
  private static final StepSize SIZE = StepSize.T5_SMALL;
  private static final int RANK = 8;

  private TrainingStep step;
  private Times times;

  /// Makes the model.
  @Setup
  public void make() {
    step = new TrainingStep(SIZE, Lora.rank(RANK));
    times = new Times();
  }

  /// Frees it and prints the seconds.
  @TearDown
  public void free() {
    step.close();
    times.print(SIZE + ", LoRA " + RANK + ": seconds a step");
  }

  /// Loss, backward, clip, update.
  @Benchmark
  public float step() {
    long start = System.nanoTime();
    float loss = step.run();
    times.add(System.nanoTime() - start);
    return loss;
  }
}
