package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.translation.Ter;
import java.util.List;

/// Judges TER by sacrebleu's scores, edits, lengths, signatures and printed lines.
final class TerJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "ter", "source", "cases");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (int i = 0; i < cases.size(); i++) {
      TranslationCase one = TranslationCase.of("ter " + i, cases.get(i), "edits", "ref_length");
      double[] sums = one.check(ter(one));
      Recorded.near(one.where() + " edits", Recorded.number(one.recorded(), "edits"), sums[0]);
      Recorded.near(
          one.where() + " length", Recorded.number(one.recorded(), "ref_length"), sums[1]);
    }
    return cases.size();
  }

  private static Ter ter(TranslationCase one) {
    JsonObject options = one.options("normalized", "no_punct", "case_sensitive", "asian_support");
    return new Ter(
        options.bool("normalized").orElse(false),
        options.bool("no_punct").orElse(false),
        options.bool("asian_support").orElse(false),
        options.bool("case_sensitive").orElse(false));
  }
}
