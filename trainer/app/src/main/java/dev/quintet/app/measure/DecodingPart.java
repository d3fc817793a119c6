package dev.quintet.app.measure;

import dev.quintet.app.estimate.Chip;
import dev.quintet.app.estimate.DecodingWalk;
import dev.quintet.app.estimate.Estimate;
import dev.quintet.app.estimate.ModelSize;
import dev.quintet.app.estimate.SpeedTable;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Greedy decoding with T5-base v1.1 in bfloat16, a source of 512 tokens, 128 tokens that nothing ends early. Tokens are read
/// before the next ones are begun, up to [#RUN] at a time where the device chooses by itself, so the host's clock tells.
final class DecodingPart {
  /// Tokens over which a token's time is taken.
  private static final int RUN = 8;

  private DecodingPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    boolean toy = setting.toy();
    T5Config config = toy ? Models.TOY : ModelSize.BASE.config(true);
    int source = toy ? 16 : 512;
    int target = toy ? 6 : 128;
    var figures = new LinkedHashMap<String, Object>();
    try (T5 model = Models.random(config)) {
      for (int rows : toy ? new int[] {1, 2} : new int[] {1, 8, 64}) {
        generate(model, rows, source, toy ? 2 : 8); // loads kernels and fills the pool
        figures.put("batch " + rows, decoded(model, rows, source, target));
        setting.soFar().accept(figures);
      }
    }
    return figures;
  }

  private static Map<String, Object> decoded(T5 model, int rows, int source, int target) {
    long begin = System.nanoTime();
    long[] times = generate(model, rows, source, target);
    int run = Math.min(RUN, target - 1);
    double[] tokens = new double[target - run];
    Arrays.setAll(tokens, i -> (times[i + run] - times[i]) / 1e9 / run);
    Arrays.sort(tokens);
    double median = tokens[tokens.length / 2];
    Chip chip = Models.chip();
    var walk = DecodingWalk.of(model.config(), rows, source, target);
    SpeedTable table = SpeedTable.of(chip, ModelSize.BASE, true);
    var figures = new LinkedHashMap<String, Object>();
    figures.put("milliseconds_per_token", median * 1e3);
    figures.put("tokens_per_second", rows / median);
    figures.put("milliseconds_before_the_first", (times[0] - begin) / 1e6);
    figures.put(
        "estimated_milliseconds_per_token_of_" + chip.name().toLowerCase(Locale.ROOT),
        1e3 * Estimate.ofToken(walk.token().costs(), table).seconds());
    return figures;
  }

  /// When each token of the last row was there.
  private static long[] generate(T5 model, int rows, int source, int target) {
    int[] ids = new int[source];
    Arrays.setAll(ids, i -> 2 + i * 31 % (model.config().vocabSize() - 2));
    long[] times = new long[target];
    int[] count = {0};
    GenerationConfig config =
        GenerationConfig.of(model.config())
            .withMaxNewTokens(target)
            .with("eos_token_id", List.of());
    var _ =
        Generator.of(model)
            .withListener((row, _) -> {
              if (row == rows - 1) {
                times[count[0]++] = System.nanoTime();
              }
            })
            .generate(Collections.nCopies(rows, ids), config);
    if (count[0] != target) {
      throw new IllegalStateException(
          "generation ended after " + count[0] + " of " + target + " tokens");
    }
    return times;
  }
}
