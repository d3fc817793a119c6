package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.translation.Chrf;
import java.util.List;

/// Judges chrF by sacrebleu's scores, names, signatures and printed lines.
final class ChrfJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "chrf", "source", "cases");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (int i = 0; i < cases.size(); i++) {
      TranslationCase one = TranslationCase.of("chrf " + i, cases.get(i), "name");
      Chrf chrf = chrf(one);
      one.check(chrf);
      Recorded.same(one.where(), one.recorded().required("name", JsonObject::string), chrf.label());
    }
    return cases.size();
  }

  private static Chrf chrf(TranslationCase one) {
    JsonObject options =
        one.options("char_order", "word_order", "beta", "lowercase", "whitespace", "eps_smoothing");
    Chrf chrf = Chrf.DEFAULT;
    return new Chrf(
        options.integer("char_order").orElse(chrf.characters()),
        options.integer("word_order").orElse(chrf.words()),
        options.integer("beta").orElse(chrf.beta()),
        options.bool("lowercase").orElse(chrf.lowercase()),
        options.bool("whitespace").orElse(chrf.whitespace()),
        options.bool("eps_smoothing").orElse(chrf.epsilon()));
  }
}
