package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.prepare.Cleaning;
import java.text.Normalizer;
import java.util.Set;

/// Texts before and after they are cleaned.
final class CleaningJudge implements GoldenJudge {
  private static final Set<String> OPTIONS =
      Set.of("markup", "normalize", "controls", "space", "lower");

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "cleaning", "source", "order", "cases");
    int count = 0;
    for (JsonObject one : Recorded.objects(file, "cases")) {
      String where = "case " + count;
      Recorded.form(one, where, "options", "text", "cleaned");
      JsonObject options = one.required("options", JsonObject::object);
      if (!OPTIONS.containsAll(options.keys())) {
        throw new AssertionError(where + ": the judge does not know all of " + options.keys());
      }
      var cleaning =
          new Cleaning(
              options.bool("markup").orElse(false),
              options.string("normalize").map(Normalizer.Form::valueOf),
              options.bool("controls").orElse(false),
              options.bool("space").orElse(false),
              options.bool("lower").orElse(false));
      Recorded.same(
          where,
          one.required("cleaned", JsonObject::string),
          cleaning.clean(one.required("text", JsonObject::string)));
      count++;
    }
    return count;
  }
}
