package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.PorterStemmer;
import java.util.List;

/// Stems beside NLTK's.
final class PorterJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "porter", "source", "cases");
    List<?> cases = file.required("cases", JsonObject::list);
    for (Object item : cases) {
      if (!(item instanceof List<?> pair)
          || pair.size() != 2
          || !(pair.getFirst() instanceof String word)) {
        throw new AssertionError("porter: expected a word and its stem, found " + item);
      }
      Recorded.same("porter " + word, pair.getLast(), PorterStemmer.stem(word));
    }
    return cases.size();
  }
}
