package dev.quintet.benchmarks.step;

import dev.quintet.benchmarks.Forked;
import dev.quintet.benchmarks.contest.Counted;
import dev.quintet.benchmarks.contest.Note;
import dev.quintet.benchmarks.contest.Peer;
import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.benchmarks.contest.Work;
import dev.quintet.benchmarks.peer.OnnxT5;
import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
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

/// Decoding with a T5: 64 tokens behind 64 source tokens, the encoder included, greedy or by 4 beams, with weights of three
/// precisions: float32 and int8 beside ONNX Runtime's, bfloat16 and int8 beside our float32. Calls and tokens a second, and the
/// share of the memory's speed that reading the weights takes; see [Forked] for the command. Small weights under beams are
/// measured where `-p` asks for them.
///
/// The model is a T5-small of random weights, which decode as fast as trained ones, because no row may end early. Where
/// `-Dpeer.onnx=DIR` names exports, it is `DIR/model`, and the peers decode the same model: `benchmarks/README.md` says how to make
/// both. Each peer, and ours with small weights, says in how many rows and tokens its ids differ from our float32's.
///
/// In turns with ONNX Runtime 1.30's fastest exports, two threads each, on an AMD EPYC with AVX-512 (family 26, model 2) on which
/// little else ran, medians of two turns in tokens a second: float32 189 beside 169 for one row, 868 beside 792 for eight; int8 412
/// beside 350, 1,248 beside 1,434 (one scale for a matrix; beside one for each column, an earlier run, 1,240 and 1,220); bfloat16 1.8
/// times our float32 for one row. At eight rows the encoder and the cross keys take a fifth of the call in float32 and a third in
/// int8, at half of the speed that larger products reach: the next place to look.
///
/// In turns with transformers 5.18 on PyTorch 2.13, two threads each, on an AMD EPYC with AVX-512 (family 26, model 2)
/// that others shared, median: 159 tokens a second beside 73 for one row, 819 beside 394 for eight. By four beams, one row
/// and 32 tokens, PyTorch's allocator tuned: 115 beside 28 (sdpa) and 33 (eager).
///
/// What the memory's speed decides is how weights come in. Where 256 KB are read ahead in four streams before they are
/// multiplied, a pass over a step's 38 million weights takes this share of its time without (medians, two threads): eight
/// rows of float32 0.88, and 0.64 where rows are 2048 long, beside reading 32 KB ahead in one stream; one row of float32
/// 0.94, one of bfloat16 0.82. Eight rows then decode at 1.07 times the speed they had, in one pair of runs.
@Shown(
    value = "decoding 64 tokens behind 64, greedy or by beams, by weights of three precisions",
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
public class GreedyBenchmark implements Counted {
  private static final int SOURCE = 64;
  private static final int TOKENS = 64;

  /// B.
  @Param({"1", "8"})
  public int batch;

  /// Beams of a row; 1 is greedy.
  @Param({"1", "4"})
  public int beams;

  /// How the model's weights are stored: float32, bfloat16, or int8 with a scale for each group of 64.
  @Param public Precision weights = Precision.F32;

  private T5 model;
  private Generator generator;
  private GenerationConfig options;
  private List<int[]> inputs;
  private int[][] inFloat32;

  /// Makes the model and the inputs, and what float32 makes of them.
  @Setup
  public void make() {
    model = DecodedModel.open(weights);
    generator = Generator.of(model);
    options =
        GenerationConfig.of(model.config())
            .withMaxNewTokens(TOKENS)
            .with("num_beams", beams)
            .with("eos_token_id", List.of());
    inputs = inputs(model.config(), batch);
    if (weights == Precision.F32) {
      inFloat32 = decoded(generator);
    } else {
      try (T5 exact = DecodedModel.open(Precision.F32)) {
        inFloat32 = decoded(Generator.of(exact));
      }
    }
    if (inFloat32[0].length != TOKENS) {
      throw new IllegalStateException(
          "expected " + TOKENS + " new tokens, got " + inFloat32[0].length);
    }
  }

  /// The new ids of each row, without the one that decoding starts with.
  private int[][] decoded(Generator by) {
    return Arrays.stream(by.generate(inputs, options))
        .map(row -> Arrays.copyOfRange(row, 1, row.length))
        .toArray(int[][]::new);
  }

  /// Says how much ids differ from those of our float32.
  private void compare(String whose, int[][] made) {
    int rows = 0;
    int tokens = 0;
    for (int row = 0; row < batch; row++) {
      int at = row;
      long differ = IntStream.range(0, TOKENS).filter(i -> made[at][i] != inFloat32[at][i]).count();
      rows += differ > 0 ? 1 : 0;
      tokens += (int) differ;
    }
    Note.say(
        "%s: the ids of %d of %d rows, %d of %d tokens, differ from Quintet's in float32"
            .formatted(whose, rows, batch, tokens, batch * TOKENS));
  }

  private static List<int[]> inputs(T5Config config, int rows) {
    var random = new SplittableRandom(1);
    return IntStream.range(0, rows)
        .mapToObj(row -> random.ints(SOURCE, 3, Math.min(config.vocabSize(), 32000)).toArray())
        .toList();
  }

  /// Frees the model.
  @TearDown
  public void free() {
    model.close();
  }

  /// What a call is counted as.
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counts {
    /// Tokens of all rows.
    public double tokens;
  }

  /// Small weights, which change some ids.
  @State(Scope.Benchmark)
  public static class Changed {
    /// Says how many.
    @Setup
    public void compare(GreedyBenchmark ours) {
      if (ours.weights != Precision.F32) {
        ours.compare("Quintet " + ours.weights, ours.decoded(ours.generator));
      }
    }
  }

  /// Encodes and decodes.
  @Benchmark
  public int[][] generate(Changed changed, Counts counts) {
    counts.tokens += batch * TOKENS;
    return generator.generate(inputs, options);
  }

  /// The same model in float32.
  @State(Scope.Benchmark)
  public static class Exact {
    private T5 model;
    private Generator generator;

    /// Opens it.
    @Setup
    public void open() {
      model = DecodedModel.open(Precision.F32);
      generator = Generator.of(model);
    }

    /// Frees it.
    @TearDown
    public void close() {
      model.close();
    }
  }

  /// What small weights are for.
  @Peer(value = "Quintet float32", beside = "generate")
  @Benchmark
  public int[][] float32(Exact exact, Counts counts) {
    counts.tokens += batch * TOKENS;
    return exact.generator.generate(inputs, options);
  }

  /// An export, opened.
  @State(Scope.Benchmark)
  public abstract static class Onnx {
    private final OnnxT5.Export export;
    private OnnxT5 peer;

    /// @param export which
    Onnx(OnnxT5.Export export) {
      this.export = export;
    }

    /// Opens it, and compares its ids with ours.
    @Setup
    public void open(GreedyBenchmark ours) {
      peer = new OnnxT5(export.folder(), CpuBackend.threads());
      ours.compare(export.folder().getFileName().toString(), decoded(ours));
    }

    /// Closes it.
    @TearDown
    public void close() {
      peer.close();
    }

    int[][] decoded(GreedyBenchmark ours) {
      T5Config config = ours.model.config();
      return peer.greedy(ours.inputs, TOKENS, config.startId(), config.vocabSize());
    }
  }

  /// As exported.
  public static class Plain extends Onnx {
    /// Made by JMH.
    public Plain() {
      super(OnnxT5.Export.F32);
    }
  }

  /// After the runtime's optimizer.
  public static class Fused extends Onnx {
    /// Made by JMH.
    public Fused() {
      super(OnnxT5.Export.FUSED);
    }
  }

  /// Quantised.
  public static class Int8 extends Onnx {
    /// Made by JMH.
    public Int8() {
      super(OnnxT5.Export.INT8);
    }
  }

  /// The peer.
  @Peer(value = "ONNX Runtime 1.29 float32", beside = "generate")
  @Benchmark
  public int[][] onnx(Plain peer, Counts counts) {
    counts.tokens += batch * TOKENS;
    return peer.decoded(this);
  }

  /// The peer.
  @Peer(value = "ONNX Runtime 1.29 fused", beside = "generate")
  @Benchmark
  public int[][] onnxFused(Fused peer, Counts counts) {
    counts.tokens += batch * TOKENS;
    return peer.decoded(this);
  }

  /// The peer.
  @Peer(value = "ONNX Runtime 1.29 int8", beside = "generate")
  @Benchmark
  public int[][] onnxInt8(Int8 peer, Counts counts) {
    counts.tokens += batch * TOKENS;
    return peer.decoded(this);
  }

  @Override
  public Set<String> onlyIfAsked() {
    return beams > 1 && weights != Precision.F32 ? Set.of("beams", "weights") : Set.of();
  }

  @Override
  public boolean compares(String ours, String peer) {
    return switch (peer) {
      case "float32" -> weights != Precision.F32;
      case "onnxInt8" -> beams == 1 && weights == Precision.INT8; // the exports have no search
      default -> beams == 1 && weights == Precision.F32;
    };
  }

  @Override
  public Work work(String method) {
    return new DecodingWork(DecodedModel.config(), weights).ofToken(batch, beams, SOURCE, TOKENS);
  }
}
