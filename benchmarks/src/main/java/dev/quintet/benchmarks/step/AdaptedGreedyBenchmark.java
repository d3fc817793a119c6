package dev.quintet.benchmarks.step;

import dev.quintet.benchmarks.Forked;
import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.lora.Lora;
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

/// Greedy decoding of eight rows with LoRAs of rank 8 on one T5-small of random weights: 64 tokens behind 64 source tokens,
/// the encoder included. All rows have no adapter, one, or each another one, and the base computes them together each time.
/// Calls and tokens a second; see [Forked] for the command.
///
/// In turns in one process on an AMD EPYC with AVX-512 (2 processors, quiet), medians of 8: 0.755 s without, 0.832 with one,
/// 0.968 with eight, which is 0.86 of the speed with one.
@Shown(
    value = "greedy decoding of 8 rows with none, one or eight adapters",
    rate = "tokens",
    unit = "tokens/s")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class AdaptedGreedyBenchmark {
  private static final int SOURCE = 64;
  private static final int TOKENS = 64;

  private static final int BATCH = 8;
  private static final int RANK = 8;

  /// How many adapters the rows have: 0, 1 or 8.
  @Param({"0", "1", "8"})
  public int adapters;

  private T5 model;
  private Generator generator;
  private GenerationConfig options;
  private List<int[]> inputs;
  private List<String> names;

  /// Makes the model and the inputs.
  @Setup
  public void make() {
    var config = T5Config.small();
    model = T5.create(config, 1, Device.cpu());
    generator = Generator.of(model);
    options = GenerationConfig.of(config).withMaxNewTokens(TOKENS);
    var random = new SplittableRandom(1);
    inputs =
        IntStream.range(0, BATCH)
            .mapToObj(row -> random.ints(SOURCE, 2, config.vocabSize()).toArray())
            .toList();
    var all = Adapters.of(model);
    for (int i = 0; i < adapters; i++) {
      Adapter one = all.add("adapter" + i, Lora.rank(RANK), i);
      // new ones add nothing: B is 0
      one.parameters()
          .forEach((name, parameter) -> {
            try (var drawn =
                Parameter.normal(parameter.shape(), 0.01, name.hashCode(), Device.cpu())) {
              parameter.set(drawn);
            }
          });
    }
    names =
        IntStream.range(0, BATCH)
            .mapToObj(row -> adapters == 0 ? "" : "adapter" + row * adapters / BATCH)
            .toList();
    int made = decoded()[0].length - 1;
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
    work.tokens += BATCH * TOKENS;
    return decoded();
  }

  private int[][] decoded() {
    return Adapters.of(model).with(names, () -> generator.generate(inputs, options));
  }
}
