package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.schedule.LearningRate;
import dev.quintet.trainer.schedule.Plateau;
import dev.quintet.trainer.schedule.ScheduleSettings;
import java.util.List;

/// Rates of each step, those of transformers' schedulers and of PyTorch's plateau among them.
final class SchedulesJudge implements GoldenJudge {
  private static final double NEAR = 1e-8;

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "schedules", "cases", "index");
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (int i = 0; i < cases.size(); i++) {
      check("case " + i, cases.get(i));
    }
    return cases.size();
  }

  private static void check(String number, JsonObject one) {
    String name = one.required("name", JsonObject::string);
    String where = number + " (" + name + ")";
    double[] rates = Recorded.numbers(one, "rates");
    JsonObject options = one.required("options", JsonObject::object).with("name", name);
    double peak = Recorded.number(one, "peak");
    if (one.has("metric")) {
      Recorded.form(one, where, "name", "source", "mode", "peak", "options", "metric", "rates");
      plateau(where, one, ScheduleSettings.of(options, peak, 0), rates);
      return;
    }
    Recorded.form(one, where, "name", "source", "peak", "warmup", "steps", "options", "rates");
    long steps = one.required("steps", JsonObject::whole);
    LearningRate rate =
        ScheduleSettings.of(options, peak, one.required("warmup", JsonObject::whole));
    Recorded.same(where + ": recorded steps", steps + 3, (long) rates.length);
    for (int s = 0; s < rates.length; s++) {
      near(where + ", step " + s, rates[s], rate.at(s, steps));
    }
  }

  private static void plateau(String where, JsonObject one, LearningRate rate, double[] rates) {
    String mode = one.required("mode", JsonObject::string);
    if (!List.of("min", "max").contains(mode)) {
      throw new AssertionError(where + ": unknown mode " + mode);
    }
    double[] metric = Recorded.numbers(one, "metric");
    Recorded.same(where + ": recorded rates", metric.length, rates.length);
    Plateau plateau = rate.plateau(mode.equals("max")).orElseThrow();
    for (int i = 0; i < metric.length; i++) {
      // as a killed run does it: state to text and back
      Plateau resumed = rate.plateau(mode.equals("max")).orElseThrow();
      resumed.restore(JsonObject.parse("state", JsonObject.of(plateau.state()).toString()));
      plateau.observe(metric[i]);
      resumed.observe(metric[i]);
      near(where + ", evaluation " + i, rates[i], rate.at(i, 1) * plateau.factor());
      Recorded.same(where + ", resumed at " + i, plateau.state(), resumed.state());
    }
  }

  private static void near(String where, double recorded, double got) {
    Recorded.within(where, recorded, got, NEAR * Math.max(Math.abs(recorded), 1e-3));
  }
}
