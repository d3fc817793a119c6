package dev.quintet.models.verify;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.CheckpointException;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5ConfigFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// What storing a model's weights small changes: its logits and tokens beside those of float32.
///
/// Tokens are counted twice over the greedy answers of float32: one by one, each behind what float32 answered before it;
/// and as the model answers freely, where all that follows a changed token counts where it differs.
///
/// @param precision how the weights are stored
/// @param sources how many were answered
/// @param tokens of the answers of float32
/// @param largest difference of a logit
/// @param mean difference of all logits
/// @param deviation of float32's logits, the root of their mean square about their mean
/// @param changed tokens that change one by one
/// @param changedFreely tokens that differ in the free answers; of answers of two lengths the rest counts too
/// @param same free answers that are the same
/// @param bytes of the weights
/// @param floatBytes of the weights in float32
public record PrecisionReport(
    Precision precision,
    int sources,
    long tokens,
    double largest,
    double mean,
    double deviation,
    long changed,
    long changedFreely,
    int same,
    long bytes,
    long floatBytes) {
  /// Tokens of an answer, and of a source that is made up.
  public static final int LENGTH = 64;

  private static final int BATCH = 16;

  /// Compares a folder's model with itself.
  ///
  /// @param precision BF16 or INT8
  /// @param sources ids, each with its end
  /// @param whole whether answers have all [#LENGTH] tokens, as those to made-up sources do; else they end where the model
  ///     ends them
  /// @throws CheckpointException if the folder holds no whole model that generates text, or one whose weights are int8
  ///     already
  /// @throws IllegalArgumentException if there is no source
  public static PrecisionReport of(
      Path folder, Device device, Precision precision, List<int[]> sources, boolean whole) {
    if (sources.isEmpty()) {
      throw new IllegalArgumentException(
          "weights are compared by answers, and there is no source to answer");
    }
    LoadOptions options = LoadOptions.DEFAULT.withDevice(device);
    try (T5 wide = Checkpoint.load(folder, options);
        T5 small = Checkpoint.load(folder, options.withPrecision(precision))) {
      if (wide.parameters().values().stream().anyMatch(one -> one.form().isPresent())) {
        throw new CheckpointException(
            folder
                + " holds weights of int8 and not the float32 that they were made of: compare the model that was converted");
      }
      GenerationConfig plain = GenerationConfig.of(wide.config()).withMaxNewTokens(LENGTH);
      GenerationConfig greedy = whole ? plain.with("min_new_tokens", LENGTH) : plain;
      int[][] answers = answers(wide, sources, greedy);
      int[][] free = answers(small, sources, greedy);
      var sums = new Sums(whole ? wide.config().eosId() : -1);
      for (int i = 0; i < answers.length; i++) {
        sums.add(
            answers[i],
            logits(wide, sources.get(i), answers[i]),
            logits(small, sources.get(i), answers[i]));
        sums.free(answers[i], free[i]);
      }
      return sums.report(precision, sources.size(), bytes(small), bytes(wide));
    }
  }

  /// Sources of random ids, which need no tokenizer: as many as answers of [#LENGTH] tokens make so many tokens.
  public static List<int[]> madeUp(Path folder, int tokens, long seed) {
    Checkpoint.check(folder);
    JsonObject config = JsonObject.read(folder.resolve("config.json"));
    int rows = T5ConfigFile.of(config).withoutWeights().sourceRows();
    var random = new SplittableRandom(seed);
    var sources = new ArrayList<int[]>();
    for (int i = 0; i < (tokens + LENGTH - 1) / LENGTH; i++) {
      sources.add(random.ints(LENGTH, Math.min(2, rows - 1), rows).toArray());
    }
    return sources;
  }

  private static int[][] answers(T5 model, List<int[]> sources, GenerationConfig options) {
    var answers = new ArrayList<int[]>();
    Generator generator = Generator.of(model);
    for (int at = 0; at < sources.size(); at += BATCH) {
      List<int[]> part = sources.subList(at, Math.min(sources.size(), at + BATCH));
      answers.addAll(Arrays.asList(generator.generate(part, options)));
    }
    return answers.toArray(int[][]::new);
  }

  /// The logits of each token of an answer behind those before it.
  private static float[] logits(T5 model, int[] source, int[] answer) {
    Device device = model.decoder().table().weight().device();
    try (var _ = Scope.openWithoutGradients(device)) {
      int[] seen = new int[source.length];
      Arrays.fill(seen, 1);
      Tensor mask = Tensor.ofInts(Shape.of(1, seen.length), seen);
      Tensor ids = Tensor.ofInts(Shape.of(1, source.length), source);
      Tensor before =
          Tensor.ofInts(Shape.of(1, answer.length - 1), Arrays.copyOf(answer, answer.length - 1));
      Tensor memory = model.encode(ids, mask, Pass.inference());
      return model.logits(model.decode(before, memory, mask, Pass.inference())).toFloats();
    }
  }

  private static long bytes(T5 model) {
    return model.parameters().values().stream().mapToLong(Parameter::bytes).sum();
  }

  private static final class Sums {
    private final int forbidden;
    private long tokens;
    private long count;
    private double largest;
    private double differences;
    private double values;
    private double squares;
    private long changed;
    private long changedFreely;
    private int same;

    /// @param forbidden the id that no answer had, -1 for none
    Sums(int forbidden) {
      this.forbidden = forbidden;
    }

    void add(int[] answer, float[] wide, float[] small) {
      int rows = answer.length - 1;
      int width = rows == 0 ? 0 : wide.length / rows;
      for (int row = 0; row < rows; row++) {
        for (int i = row * width; i < (row + 1) * width; i++) {
          double difference = Math.abs((double) wide[i] - small[i]);
          largest = Math.max(largest, difference);
          differences += difference;
          values += wide[i];
          squares += (double) wide[i] * wide[i];
        }
        changed += likeliest(wide, row, width) == likeliest(small, row, width) ? 0 : 1;
      }
      tokens += rows;
      count += (long) rows * width;
    }

    private int likeliest(float[] logits, int row, int width) {
      int best = forbidden == 0 ? 1 : 0;
      for (int id = best; id < width; id++) {
        if (id != forbidden && logits[row * width + id] > logits[row * width + best]) {
          best = id;
        }
      }
      return best;
    }

    void free(int[] wide, int[] small) {
      int common = Math.min(wide.length, small.length);
      long other = Math.max(wide.length, small.length) - common;
      for (int i = 0; i < common; i++) {
        other += wide[i] == small[i] ? 0 : 1;
      }
      changedFreely += other;
      same += other == 0 ? 1 : 0;
    }

    PrecisionReport report(Precision precision, int sources, long bytes, long floatBytes) {
      double mean = values / Math.max(1, count);
      return new PrecisionReport(
          precision,
          sources,
          tokens,
          largest,
          differences / Math.max(1, count),
          Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean * mean)),
          changed,
          changedFreely,
          same,
          bytes,
          floatBytes);
    }
  }

  /// The numbers in lines.
  public String text() {
    return String.format(
        Locale.ROOT,
        """
        weights as %s beside float32: %,d greedy tokens behind %,d sources
        largest difference of a logit     %.4g
        mean difference of the logits     %.4g, at a deviation of %.4g
        tokens changed one by one         %,d of %,d, %.2f %%
        tokens changed in free answers    %,d of %,d; %,d of %,d answers are the same
        bytes of the weights              %,d of %,d, %.1f %%
        """,
        precision.toString().toLowerCase(Locale.ROOT),
        tokens,
        sources,
        largest,
        mean,
        deviation,
        changed,
        tokens,
        100.0 * changed / Math.max(1, tokens),
        changedFreely,
        tokens,
        same,
        sources,
        bytes,
        floatBytes,
        100.0 * bytes / Math.max(1, floatBytes));
  }
}
