package dev.quintet.benchmarks;

import dev.quintet.benchmarks.contest.Counted;
import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.benchmarks.contest.Work;
import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderKernels;
import dev.quintet.core.backend.DecoderStep;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.backend.TokenRule;
import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// A token of each row by a decoder's planned step on a CUDA device, in the middle of a text: T5-base v1.1 behind 512 source
/// tokens, each row an input of its own. Each weight is read once for all rows, so that time should hardly grow with them.
///
/// Run with the JMH pattern `CudaDecode`; skipped where there is no device. The bytes of a token, over the device's bandwidth,
/// are the least time it can take. Not measured yet.
@Shown("a token by a planned step on a CUDA device")
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR})
public class CudaDecodeBenchmark implements Counted {
  /// Tokens between two looks of the host, as in generation.
  private static final int TOKENS = 8;

  private static final int REACH = 128;

  /// L, D, H, K, F, V and S.
  @Param("12x768x12x64x2048x32128x512")
  public String sizes = "";

  /// B.
  @Param({"1", "4", "8", "16"})
  public int rows;

  /// The type of weights, keys and values.
  @Param({"BF16", "F32"})
  public DType type = DType.BF16;

  private CudaArrays arrays;
  private DecoderStep step;
  private TokenRule rule;
  private boolean[] ended;
  private int[] ids;
  private int[] chosen;

  /// Plans the step.
  @Setup
  public void prepare() {
    arrays = new CudaArrays();
    DecoderCall call = call(Size.of(sizes));
    DecoderKernels kernels = arrays.backend().decoder();
    step = kernels.plan(call, 0, arrays.zeros(DType.F32, kernels.room(call))).orElseThrow();
    rule = new TokenRule(TokenRule.Chooser.LIKELIEST, List.of(), 0);
    ended = new boolean[rows];
    ids = new int[rows];
    chosen = new int[TOKENS * rows];
  }

  /// Forgets the graph.
  @TearDown
  public void close() {
    step.close();
  }

  private DecoderCall call(Size z) {
    int attention = z.heads * z.columns;
    long states = (long) rows * z.sources * attention;
    long tokens = (long) rows * z.capacity() * attention;
    List<DecoderCall.Block> blocks =
        Stream.generate(() ->
                new DecoderCall.Block(
                    new DecoderCall.Own(
                        weights(z.width),
                        matrix(attention, z.width),
                        matrix(attention, z.width),
                        matrix(attention, z.width),
                        matrix(z.width, attention),
                        weights(tokens),
                        weights(tokens),
                        arrays.zeros(DType.F32, z.heads * (2L * REACH + 1)),
                        REACH),
                    new DecoderCall.Cross(
                        weights(z.width),
                        matrix(attention, z.width),
                        matrix(z.width, attention),
                        weights(states),
                        weights(states)),
                    new DecoderCall.FeedForward(
                        weights(z.width),
                        Unary.GELU_TANH,
                        matrix(z.inner, z.width),
                        matrix(z.inner, z.width),
                        matrix(z.width, z.inner))))
            .limit(z.layers)
            .toList();
    int[] shown = new int[rows * z.sources];
    Arrays.fill(shown, 1);
    long mask = arrays.zeros(DType.I32, shown.length);
    arrays.backend().memory().write(MemorySegment.ofArray(shown), mask, 4L * shown.length);
    var ofAll = new DecoderCall.Sizes(rows, 1, z.sources, z.capacity(), z.heads, z.columns, 1e-6f);
    return new DecoderCall(
        ofAll,
        type,
        matrix(z.vocabulary, z.width),
        blocks,
        weights(z.width),
        1,
        matrix(z.vocabulary, z.width),
        mask);
  }

  private long weights(long count) {
    return arrays.zeros(type, count);
  }

  private StoredMatrix matrix(int outputs, int inputs) {
    return StoredMatrix.floats(weights((long) outputs * inputs), outputs, inputs);
  }

  /// One of eight that the device chooses before the host looks.
  @Benchmark
  @OperationsPerInvocation(TOKENS)
  public void token() {
    step.choose(ids, Size.BEFORE, ended, rule, TOKENS, chosen);
  }

  /// One for which the host waits.
  @Benchmark
  public void tokenAlone() {
    step.run(ids, Size.BEFORE);
    step.likeliest(chosen);
  }

  /// Weights, and keys and values of the source and of the tokens so far, once each.
  @Override
  public Work work(String method) {
    Size z = Size.of(sizes);
    long attention = (long) z.heads * z.columns;
    long layer = 6 * attention * z.width + 3L * z.inner * z.width;
    long cached = 2L * rows * (z.sources + Size.BEFORE) * attention;
    return Work.bytes(type.bytes(z.layers * (layer + cached) + (long) z.vocabulary * z.width));
  }

  private record Size(
      int layers, int width, int heads, int columns, int inner, int vocabulary, int sources) {
    /// Tokens before the one that is read.
    static final int BEFORE = 64;

    static Size of(String sizes) {
      int[] s = Stream.of(sizes.split("x")).mapToInt(Integer::parseInt).toArray();
      return new Size(s[0], s[1], s[2], s[3], s[4], s[5], s[6]);
    }

    int capacity() {
      return BEFORE + TOKENS;
    }
  }
}
