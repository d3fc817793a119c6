package dev.quintet.benchmarks.step;

import dev.quintet.benchmarks.Forked;
import dev.quintet.core.shape.Device;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/// Greedy decoding with a T5-small of random weights: 64 tokens behind 64 source tokens, the encoder included.
/// Calls and tokens a second; see [Forked] for the command.
///
/// In turns with transformers 5.18 on PyTorch 2.13, two threads each, on an AMD EPYC with AVX-512 (family 26, model 2)
/// that others shared, median: 159 tokens a second beside 73 for one row, 819 beside 394 for eight.
///
/// Random weights decode as fast as trained ones, because no row ends early.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class GreedyBenchmark {
  private static final int SOURCE = 64;
  private static final int TOKENS = 64;

  /// B.
  @Param({"1", "8"})
  public int batch;

  private T5 model;
  private Generator generator;
  private GenerationConfig options;
  private List<int[]> inputs;

  /// Makes the model and the inputs.
  @Setup
  public void make() {
    var config = T5Config.small();
    model = T5.create(config, 1, Device.cpu());
    generator = Generator.of(model);
    options = GenerationConfig.of(config).withMaxNewTokens(TOKENS);
    var random = new SplittableRandom(1);
    inputs =
        IntStream.range(0, batch)
            .mapToObj(row -> random.ints(SOURCE, 2, config.vocabSize()).toArray())
            .toList();
    int made = generator.generate(inputs, options)[0].length - 1;
    if (made != TOKENS) {
      throw new IllegalStateException(
          "the random weights end after " + made + " tokens, not " + TOKENS + ": take others");
    }
  }

  /// Frees the model.
  @TearDown
  public void free() {
    model.close();
  }

  /// What a call is counted as.
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Work {
    /// Tokens of all rows.
    public double tokens;
  }

  /// Encodes and decodes.
  @Benchmark
  public int[][] generate(Work work) {
    work.tokens += batch * TOKENS;
    return generator.generate(inputs, options);
  }
}
