package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.Choice;
import dev.quintet.trainer.loop.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Judges `stopping.json`: which evaluation is the best, and after which a run ends.
final class StoppingJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "stopping", "source", "cases");
    int cases = 0;
    for (JsonObject one : Recorded.objects(file, "cases")) {
      String where = "case " + cases++;
      var keys = new ArrayList<>(List.of("mode", "patience", "min_delta", "values", "best"));
      // null, which counts as absent, where the run goes on to its end
      Stream.of("stops_after", "transformers_stops_after").filter(one::has).forEach(keys::add);
      Recorded.form(one, where, keys.toArray(String[]::new));
      String mode = one.required("mode", JsonObject::string);
      Recorded.same(where + " mode", true, mode.equals("min") || mode.equals("max"));
      var choice =
          new Choice(
              "score",
              mode.equals("max"),
              OptionalInt.of(one.required("patience", JsonObject::integer)),
              Recorded.number(one, "min_delta"));
      var selection = new Selection(choice);
      double[] values = Recorded.numbers(one, "values");
      long stopped = -1;
      for (int i = 0; i < values.length && stopped < 0; i++) {
        selection.offer(i, values[i]);
        stopped = selection.exhausted() ? i : -1;
      }
      Recorded.same(where + " end", one.whole("stops_after").orElse(-1L), stopped);
      Recorded.same(where + " best", one.required("best", JsonObject::whole), selection.bestStep());
    }
    return cases;
  }
}
