package dev.quintet.models.verify;

import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Recomputes `generation.json`: one padded batch under many options; the ids must be identical, and
/// the scores of beams within a thousandth.
final class GenerationCheck implements Check {
  private static final String FILE = "generation.json";
  private static final double SCORES = 1e-3;

  @Override
  public Set<String> files() {
    return Set.of(FILE);
  }

  @Override
  public List<Comparison> run(Golden golden) {
    JsonObject file = JsonObject.read(golden.file(FILE));
    int[][] ids = required(file, "input_ids");
    int[][] mask = required(file, "attention_mask");
    var failed = new ArrayList<Comparison>();
    var unsupported = new TreeMap<String, Integer>();
    int passed = 0;
    try (T5 model = golden.model()) {
      for (Object item : file.list("cases").orElse(List.of())) {
        if (!(item instanceof JsonObject one)) {
          throw file.wrong("cases", "a list of objects", item);
        }
        JsonObject options = one.object("options").orElse(JsonObject.of(Map.of()));
        GenerationConfig config = GenerationConfig.of(model.config()).with(options);
        Optional<String> lacking = config.unsupported().or(config::unknown);
        if (lacking.isPresent()) {
          unsupported.merge(lacking.get(), 1, Integer::sum);
          continue;
        }
        Generator.Generated generated = Generator.of(model).generateScored(ids, mask, config);
        if (Arrays.deepEquals(required(one, "sequences"), generated.sequences())
            && scoresAgree(one, generated.scores())) {
          passed++;
        } else {
          String text = options.toString().replaceAll("\\s+", " ").strip();
          failed.add(Comparison.exact("generation " + text, false));
        }
      }
    }
    var rows = new ArrayList<Comparison>();
    if (passed > 0) {
      rows.add(Comparison.exact("generation: " + passed + " cases identical", true));
    }
    rows.addAll(failed);
    if (rows.isEmpty() && unsupported.isEmpty()) {
      rows.add(Comparison.notRecorded(FILE + ": cases"));
    }
    unsupported.forEach((what, count) ->
        rows.add(Comparison.unsupported("generation: " + count + " cases of " + what)));
    return rows;
  }

  private static boolean scoresAgree(JsonObject one, float[] scores) {
    List<?> recorded = one.list("sequences_scores").orElse(List.of());
    boolean agree = recorded.isEmpty() || recorded.size() == scores.length;
    for (int i = 0; agree && i < recorded.size(); i++) {
      double expected =
          recorded.get(i) instanceof Number number ? number.doubleValue() : Double.NaN;
      agree = Math.abs(expected - scores[i]) <= SCORES * Math.max(1, Math.abs(expected));
    }
    return agree;
  }

  private static int[][] required(JsonObject object, String key) {
    return object
        .integerRows(key)
        .orElseThrow(
            () -> new IllegalArgumentException(object.source() + " lacks the key \"" + key + "\""));
  }
}
