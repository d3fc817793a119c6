package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.PythonText;
import dev.quintet.trainer.metric.translation.BleuTokenizer;
import java.util.List;

/// Judges BLEU's tokenizers by the words that sacrebleu's give.
final class BleuTokensJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "bleu_tokens", "source", "cases");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (JsonObject one : cases) {
      Recorded.form(one, "bleu_tokens", "line", "13a", "intl", "char");
      String line = PythonText.stripEnd(one.required("line", JsonObject::string));
      for (String name : List.of("13a", "intl", "char")) {
        Recorded.same(
            name + " of " + line,
            one.required(name, JsonObject::string),
            BleuTokenizer.named(name).tokenize(line));
      }
    }
    return cases.size();
  }
}
