package dev.quintet.benchmarks.step;

import dev.quintet.benchmarks.Forked;
import dev.quintet.benchmarks.contest.Counted;
import dev.quintet.benchmarks.contest.Note;
import dev.quintet.benchmarks.contest.Peer;
import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.benchmarks.contest.Work;
import dev.quintet.benchmarks.peer.OnnxT5;
import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.Device;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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

/// Decoding with a T5: 64 tokens behind 64 source tokens, the encoder included, greedy or by 4 beams, beside ONNX Runtime.
/// Calls and tokens a second; see [Forked] for the command.
///
/// The model is a T5-small of random weights, which decode as fast as trained ones, because no row may end early. Where
/// `-Dpeer.onnx=DIR` names exports, it is `DIR/model`, and the peers decode the same model: `benchmarks/README.md` says how to make
/// both. Each peer says once in how many rows its ids differ from ours.
///
/// In turns with transformers 5.18 on PyTorch 2.13, two threads each, on an AMD EPYC with AVX-512 (family 26, model 2)
/// that others shared, median: 159 tokens a second beside 73 for one row, 819 beside 394 for eight.
@Shown(
    value = "decoding 64 tokens behind 64, greedy or by beams",
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

  private T5 model;
  private Generator generator;
  private GenerationConfig options;
  private List<int[]> inputs;

  /// Makes the model and the inputs.
  @Setup
  public void make() {
    Optional<Path> folder = OnnxT5.model();
    model =
        folder.isPresent()
            ? Checkpoint.load(folder.get())
            : T5.create(T5Config.small(), 1, Device.cpu());
    generator = Generator.of(model);
    options =
        GenerationConfig.of(model.config())
            .withMaxNewTokens(TOKENS)
            .with("num_beams", beams)
            .with("eos_token_id", List.of());
    inputs = inputs(model.config(), batch);
    int made = generator.generate(inputs, options)[0].length - 1;
    if (made != TOKENS) {
      throw new IllegalStateException("expected " + TOKENS + " new tokens, got " + made);
    }
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

  /// Encodes and decodes.
  @Benchmark
  public int[][] generate(Counts counts) {
    counts.tokens += batch * TOKENS;
    return generator.generate(inputs, options);
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
      int[][] theirs = decoded(ours);
      int[][] made = ours.generator.generate(ours.inputs, ours.options);
      long differ =
          IntStream.range(0, ours.batch)
              .filter(
                  row -> !Arrays.equals(theirs[row], Arrays.copyOfRange(made[row], 1, TOKENS + 1)))
              .count();
      Note.say(
          "%s: the ids of %d of %d rows differ from Quintet's in float32"
              .formatted(export.folder().getFileName(), differ, ours.batch));
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
  public boolean compares(String ours, String peer) {
    return beams == 1; // the exports have no search
  }

  /// Of a token: the decoder's weights are read once for all rows of a step, the encoder's once for all steps of a call.
  @Override
  public Work work(String method) {
    var config = T5Config.small();
    double width = config.modelWidth();
    double projection = width * config.attentionWidth();
    double feedForward = 2 * width * config.innerWidth();
    double encoder = config.encoderLayers() * (4 * projection + feedForward);
    double decoder =
        config.decoderLayers() * (6 * projection + feedForward) + width * config.vocabSize();
    double crossing = config.decoderLayers() * 2 * projection;
    double sources = (double) SOURCE / TOKENS;
    double flops = 2 * (beams * decoder + sources * (encoder + crossing));
    double bytes = Float.BYTES * (decoder + (encoder + crossing) / TOKENS) / batch;
    return new Work(flops, bytes);
  }
}
