package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.TokenScores;
import java.util.List;

/// Counts of tokens beside numpy's.
final class PerplexityJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "perplexity", "source", "cases");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (int i = 0; i < cases.size(); i++) {
      check("perplexity " + i, cases.get(i));
    }
    return cases.size();
  }

  private static void check(String where, JsonObject recorded) {
    Recorded.form(
        recorded,
        where,
        "logits",
        "labels",
        "bytes",
        "nll_sum",
        "tokens",
        "perplexity",
        "bits_per_byte",
        "token_accuracy",
        "sequence_accuracy");
    List<?> logits = recorded.required("logits", JsonObject::list);
    int[][] labels = recorded.required("labels", JsonObject::integerRows);
    int[] bytes = recorded.required("bytes", JsonObject::integers);
    TokenScores all = TokenScores.NONE;
    for (int row = 0; row < labels.length; row++) {
      double[][] places =
          ((List<?>) logits.get(row))
              .stream().map(place -> Recorded.numbers((List<?>) place)).toArray(double[][]::new);
      all = all.plus(TokenScores.ofRow(places, labels[row], bytes[row]));
    }
    Recorded.near(where + " nll_sum", Recorded.number(recorded, "nll_sum"), all.loss());
    Recorded.same(where + " tokens", (long) Recorded.number(recorded, "tokens"), all.tokens());
    Recorded.near(where + " perplexity", Recorded.number(recorded, "perplexity"), all.perplexity());
    Recorded.near(
        where + " bits_per_byte", Recorded.number(recorded, "bits_per_byte"), all.bitsPerByte());
    Recorded.near(
        where + " token_accuracy",
        Recorded.number(recorded, "token_accuracy"),
        all.tokenAccuracy());
    Recorded.near(
        where + " sequence_accuracy",
        Recorded.number(recorded, "sequence_accuracy"),
        all.sequenceAccuracy());
  }
}
