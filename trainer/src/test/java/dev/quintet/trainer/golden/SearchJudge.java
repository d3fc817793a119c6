package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.search.Board;
import dev.quintet.trainer.search.Hyperband;
import dev.quintet.trainer.search.Importance;
import dev.quintet.trainer.search.MedianPruner;
import dev.quintet.trainer.search.Parameter;
import dev.quintet.trainer.search.Plan;
import dev.quintet.trainer.search.Sobol;
import dev.quintet.trainer.search.SuccessiveHalving;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Judges `search.json`: Sobol points, Hyperband, halving, ASHA, pruning, importance and the maps from the unit interval.
final class SearchJudge implements GoldenJudge {
  private static final Pattern NUMBERS =
      Pattern.compile("([a-z_]+?)_(?:of_)?(-?[0-9.e-]+)(?:_([0-9.e-]+))?(?:_by_([0-9.]+))?");

  @Override
  public int check(JsonObject file) {
    Recorded.form(
        file,
        "search",
        "source",
        "sobol",
        "hyperband",
        "successive_halving",
        "asha",
        "median_pruner",
        "importance",
        "from_unit_interval");
    return sobol(file.required("sobol", JsonObject::object))
        + hyperband(file)
        + halving(file.required("successive_halving", JsonObject::object))
        + asha(file.required("asha", JsonObject::object))
        + pruner(file)
        + importance(file.required("importance", JsonObject::object))
        + maps(file);
  }

  private static int sobol(JsonObject sobol) {
    Recorded.form(sobol, "sobol", "dimensions", "points");
    List<?> points = sobol.required("points", JsonObject::list);
    double[][] got =
        Sobol.points(sobol.required("dimensions", JsonObject::integer), 0, points.size());
    for (int i = 0; i < got.length; i++) {
      near("sobol " + i, Recorded.numbers((List<?>) points.get(i)), got[i]);
    }
    return got.length;
  }

  private static int hyperband(JsonObject file) {
    int cases = 0;
    for (JsonObject one : Recorded.objects(file, "hyperband")) {
      String where = "hyperband " + cases++;
      Recorded.form(one, where, "R", "eta", "brackets");
      var got =
          Hyperband.brackets(
              one.required("R", JsonObject::integer), one.required("eta", JsonObject::integer));
      List<JsonObject> brackets = Recorded.objects(one, "brackets");
      Recorded.same(where + " brackets", brackets.size(), got.size());
      for (int b = 0; b < got.size(); b++) {
        Recorded.form(brackets.get(b), where, "s", "rungs");
        Recorded.same(
            where + " s", brackets.get(b).required("s", JsonObject::integer), got.get(b).s());
        List<?> rungs = brackets.get(b).required("rungs", JsonObject::list);
        Recorded.same(where + " rungs", rungs.size(), got.get(b).rungs().size());
        for (int i = 0; i < rungs.size(); i++) {
          Hyperband.Rung rung = got.get(b).rungs().get(i);
          near(
              where,
              Recorded.numbers((List<?>) rungs.get(i)),
              new double[] {rung.trials(), rung.resource()});
        }
      }
    }
    return cases;
  }

  private static int halving(JsonObject halving) {
    Recorded.form(halving, "successive_halving", "rule", "cases");
    int cases = 0;
    for (JsonObject one : Recorded.objects(halving, "cases")) {
      String where = "halving " + cases++;
      Recorded.form(one, where, "eta", "values", "rounds");
      List<?> values = one.required("values", JsonObject::list);
      int eta = one.required("eta", JsonObject::integer);
      List<JsonObject> rounds = Recorded.objects(one, "rounds");
      int round = 0;
      for (JsonObject expected : rounds) {
        Recorded.form(expected, where, "trials", "kept");
        double[] now = Recorded.numbers((List<?>) values.get(round++));
        List<Integer> trials = whole(expected, "trials");
        // After the last round only the winner is left.
        int each = round == rounds.size() ? Math.max(eta, trials.size()) : eta;
        Recorded.same(
            where + " round " + round,
            whole(expected, "kept"),
            SuccessiveHalving.kept(trials, trial -> now[trial], each));
      }
    }
    return cases;
  }

  private static int asha(JsonObject asha) {
    Recorded.form(asha, "asha", "rule", "cases");
    int cases = 0;
    for (JsonObject one : Recorded.objects(asha, "cases")) {
      String where = "asha " + cases++;
      Recorded.form(one, where, "eta", "values", "jobs");
      double[][] values =
          one.required("values", JsonObject::list).stream()
              .map(row -> Recorded.numbers((List<?>) row))
              .toArray(double[][]::new);
      int eta = one.required("eta", JsonObject::integer);
      var plan = new Plan.Asha(values.length, (int) Math.pow(eta, values[0].length - 1), eta);
      var board = new OneWorker(values);
      var jobs = new ArrayList<List<Integer>>();
      List<List<Integer>> recorded =
          one.required("jobs", JsonObject::list).stream()
              .map(job ->
                  List.of(
                      (int) Recorded.numbers((List<?>) job)[0],
                      (int) Recorded.numbers((List<?>) job)[1]))
              .toList();
      while (jobs.size() < recorded.size()) {
        Optional<Plan.Job> job = plan.next(board);
        if (job.isEmpty()) {
          break;
        }
        board.run(job.get());
        jobs.add(List.of(job.get().trial(), job.get().rung()));
      }
      Recorded.same(where + " jobs", recorded, jobs);
    }
    return cases;
  }

  /// Results that are there as soon as a job is given out.
  private static final class OneWorker implements Board {
    private final double[][] values;
    private final Set<List<Integer>> done = new HashSet<>();
    private int trials;

    OneWorker(double[][] values) {
      this.values = values;
    }

    void run(Plan.Job job) {
      trials = Math.max(trials, job.trial() + 1);
      done.add(List.of(job.trial(), job.rung()));
    }

    @Override
    public int trials() {
      return trials;
    }

    @Override
    public boolean done(int trial, int rung) {
      return done.contains(List.of(trial, rung));
    }

    @Override
    public double result(int trial, int rung) {
      return values[trial][rung];
    }

    @Override
    public boolean busy(int trial) {
      return false;
    }

    @Override
    public boolean ended(int trial) {
      return false;
    }

    @Override
    public boolean exhausted() {
      return false;
    }
  }

  private static int pruner(JsonObject file) {
    int cases = 0;
    for (JsonObject one : Recorded.objects(file, "median_pruner")) {
      String where = "pruner " + cases++;
      Recorded.form(one, where, "direction", "options", "values", "stopped_at_step");
      JsonObject options = one.required("options", JsonObject::object);
      Recorded.form(options, where, "n_startup_trials", "n_warmup_steps", "interval_steps");
      var pruner =
          new MedianPruner(
              options.required("n_startup_trials", JsonObject::integer),
              options.required("n_warmup_steps", JsonObject::whole),
              options.required("interval_steps", JsonObject::whole));
      int sign =
          switch (one.required("direction", JsonObject::string)) {
            case "minimize" -> 1;
            case "maximize" -> -1;
            default -> throw new AssertionError(where + ": " + one);
          };
      var finished = new ArrayList<Map<Long, Double>>();
      var stopped = new ArrayList<String>();
      for (Object row : one.required("values", JsonObject::list)) {
        double[] values = Recorded.numbers((List<?>) row);
        var reported = new TreeMap<Long, Double>();
        OptionalInt stop = OptionalInt.empty();
        for (int step = 0; step < values.length && stop.isEmpty(); step++) {
          reported.put((long) step, sign * values[step]);
          stop = pruner.stops(reported, finished) ? OptionalInt.of(step) : stop;
        }
        stopped.add(stop.isPresent() ? String.valueOf(stop.getAsInt()) : "null");
        if (stop.isEmpty()) {
          finished.add(reported);
        }
      }
      Recorded.same(
          where,
          one.required("stopped_at_step", JsonObject::list).stream().map(String::valueOf).toList(),
          stopped);
    }
    return cases;
  }

  private static int importance(JsonObject importance) {
    Recorded.form(importance, "importance", "rule", "cases");
    int cases = 0;
    for (JsonObject one : Recorded.objects(importance, "cases")) {
      String where = "importance " + cases++;
      Recorded.form(one, where, "grid", "main_effects");
      var counts = new ArrayList<Integer>();
      var flat = new ArrayList<Double>();
      flatten(one.required("grid", JsonObject::list), 0, counts, flat);
      near(
          where,
          Recorded.numbers(one, "main_effects"),
          Importance.ofGrid(
              counts.stream().mapToInt(i -> i).toArray(),
              flat.stream().mapToDouble(x -> x).toArray()));
    }
    return cases;
  }

  private static void flatten(List<?> list, int depth, List<Integer> counts, List<Double> flat) {
    if (counts.size() == depth) {
      counts.add(list.size());
    }
    for (Object item : list) {
      if (item instanceof List<?> inner) {
        flatten(inner, depth + 1, counts, flat);
      } else {
        flat.add(Recorded.number(item));
      }
    }
  }

  private static int maps(JsonObject file) {
    List<JsonObject> rows = Recorded.objects(file, "from_unit_interval");
    for (JsonObject row : rows) {
      double u = Recorded.number(row, "u");
      for (String key : row.keys()) {
        if (key.equals("u")) {
          continue;
        }
        Parameter parameter = parameter(key);
        Object got = parameter.at(u);
        Recorded.near(key + " at " + u, Recorded.number(row, key), Recorded.number(got));
        Recorded.near(
            key + " and back",
            Recorded.number(got),
            Recorded.number(parameter.at(parameter.unit(got))));
      }
    }
    return rows.size();
  }

  private static Parameter parameter(String key) {
    Matcher matcher = NUMBERS.matcher(key);
    if (!matcher.matches()) {
      throw new AssertionError("unknown map " + key);
    }
    double first = Double.parseDouble(matcher.group(2));
    double second = matcher.group(3) == null ? 0 : Double.parseDouble(matcher.group(3));
    return switch (matcher.group(1)) {
      case "uniform" -> new Parameter.Uniform(first, second);
      case "log_uniform" -> new Parameter.LogUniform(first, second);
      case "integer" -> new Parameter.Integers((long) first, (long) second);
      case "log_integer" -> new Parameter.LogIntegers((long) first, (long) second);
      case "choice" ->
          new Parameter.Choice(
              IntStream.range(0, (int) first).<Object>mapToObj(i -> (long) i).toList());
      case "quantized" ->
          new Parameter.Quantized(first, second, Double.parseDouble(matcher.group(4)));
      default -> throw new AssertionError("unknown map " + key);
    };
  }

  private static List<Integer> whole(JsonObject one, String key) {
    return IntStream.of(one.required(key, JsonObject::integers)).boxed().toList();
  }

  private static void near(String where, double[] recorded, double[] got) {
    Recorded.same(where + " count", recorded.length, got.length);
    for (int i = 0; i < got.length; i++) {
      Recorded.near(where + " " + i, recorded[i], got[i]);
    }
  }
}
