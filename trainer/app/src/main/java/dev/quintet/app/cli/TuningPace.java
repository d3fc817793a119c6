package dev.quintet.app.cli;

import dev.quintet.app.tuning.Design;
import dev.quintet.app.tuning.Trial;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.Evaluated;
import dev.quintet.trainer.loop.TrainingListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/// How long a comparison takes, from a few steps of each task and each method, and how many steps fit into a time.
///
/// Each task is timed with the first method, and each method on the first task; the others follow in proportion.
final class TuningPace {
  /// Where it trains, removed again.
  static final String TIMING = ".tmp-timing";

  private static final int STEPS = 10;

  /// Below this a training shows nothing of a method.
  private static final long FEWEST = 20;

  /// What other work and warm caches may change.
  private static final double RESERVE = 1.1;

  private final TuningSettings settings;
  private final Device device;
  private final BooleanSupplier stop;
  private final Map<String, Cost> tasks = new LinkedHashMap<>();
  private final Map<String, Cost> methods = new LinkedHashMap<>();

  /// What a training takes.
  ///
  /// @param step seconds of one
  /// @param evaluation seconds of one
  /// @param rest seconds of loading, saving and the test
  private record Cost(double step, double evaluation, double rest) {

    Cost times(Cost one, Cost other) {
      return new Cost(
          step * one.step / other.step,
          evaluation * one.evaluation / other.evaluation,
          rest * one.rest / other.rest);
    }

    double seconds(long steps, long every) {
      return rest + steps * step + (1 + (steps + every - 1) / every) * evaluation;
    }
  }

  /// A plan that fits.
  ///
  /// @param steps of a training
  /// @param evaluateEvery steps between evaluations
  /// @param seconds that all of it is expected to take
  record Plan(long steps, long evaluateEvery, double seconds) {}

  private TuningPace(TuningSettings settings, Device device, BooleanSupplier stop) {
    this.settings = settings;
    this.device = device;
    this.stop = stop;
  }

  /// Times trainings and plans them.
  ///
  /// @param minutes for all of it, what is planned here among it
  /// @return nothing where it was stopped
  static Optional<Plan> plan(
      TuningSettings settings, double minutes, Device device, BooleanSupplier stop) {
    long begun = System.nanoTime();
    var pace = new TuningPace(settings, device, stop);
    Path timing = settings.out().resolve(TIMING);
    try {
      if (!pace.measure(timing)) {
        return Optional.empty();
      }
    } finally {
      if (Files.isDirectory(timing)) {
        AtomicDirectory.delete(timing);
      }
    }
    return Optional.of(pace.fitting(60 * minutes - (System.nanoTime() - begun) / 1e9));
  }

  private boolean measure(Path timing) {
    Design design = settings.design();
    String first = design.methods().getFirst().name();
    String task = design.tasks().getFirst().name();
    // once for the machine to get warm
    if (time(timing.resolve("warm"), task, first).isEmpty()) {
      return false;
    }
    for (Design.Task one : design.tasks()) {
      Optional<Cost> cost = time(timing.resolve("task-" + one.name()), one.name(), first);
      if (cost.isEmpty()) {
        return false;
      }
      tasks.put(one.name(), cost.get());
    }
    for (Design.Method one : design.methods()) {
      Optional<Cost> cost =
          one.name().equals(first)
              ? Optional.ofNullable(tasks.get(task))
              : time(timing.resolve("method-" + one.name()), task, one.name());
      if (cost.isEmpty()) {
        return false;
      }
      methods.put(one.name(), cost.get());
    }
    return true;
  }

  private Optional<Cost> time(Path folder, String task, String method) {
    if (stop.getAsBoolean()) {
      return Optional.empty();
    }
    var values =
        new TreeMap<>(settings.settings(new Trial(task, method, 0, Optional.empty())).values());
    values.remove("epochs");
    values.put("steps", (long) STEPS);
    values.put("evaluate_every", (long) STEPS);
    var watch = new Watch();
    long begun = System.nanoTime();
    boolean stopped =
        TrainRun.of(JsonObject.of(settings.json().source(), values))
            .say(_ -> {})
            .listener(watch)
            .stopWhen(stop)
            .run(folder, device)
            .stopped();
    double all = (System.nanoTime() - begun) / 1e9;
    double steps = watch.seconds.stream().mapToDouble(Double::doubleValue).sum();
    double rest = Math.max(1e-3, all - steps - 2 * watch.evaluation);
    return stopped
        ? Optional.empty()
        : Optional.of(new Cost(watch.median(), watch.evaluation, rest));
  }

  private Plan fitting(double seconds) {
    JsonObject one = settings.settings(settings.design().trials().getFirst());
    long most =
        one.whole("steps")
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "%s: \"%s\" needs \"steps\" in the settings of train, the most that are wanted"
                        .formatted(settings.json().source(), TuningSettings.MINUTES)));
    long every = one.whole("evaluate_every").orElse(Math.max(1, most / 10));
    for (long steps = most; ; steps = steps * 19 / 20) {
      long scaled = Math.max(1, steps * every / most);
      double all = RESERVE * predicted(steps, scaled);
      if (all <= seconds || steps <= Math.min(most, FEWEST)) {
        return new Plan(steps, scaled, all);
      }
    }
  }

  private double predicted(long steps, long every) {
    Design design = settings.design();
    Cost base = tasks.getOrDefault(design.tasks().getFirst().name(), new Cost(1, 1, 1));
    double seconds = 0;
    for (Trial trial : design.trials()) {
      Cost cost =
          tasks
              .getOrDefault(trial.task(), base)
              .times(methods.getOrDefault(trial.method(), base), base);
      long length =
          trial.start().isEmpty()
              ? steps
              : design.transfer().map(Design.Transfer::steps).orElse(steps);
      seconds += cost.seconds(length, trial.start().isEmpty() ? every : length);
    }
    return seconds;
  }

  /// Says what a plan came to.
  static String words(Plan plan, int trials) {
    return String.format(
        Locale.ROOT,
        "%,d trainings, up to %,d steps each, evaluated every %,d: about %s by steps that were timed here",
        trials,
        plan.steps(),
        plan.evaluateEvery(),
        ProgressLines.clock(plan.seconds()));
  }

  /// Times steps and evaluations.
  private static final class Watch implements TrainingListener {
    private final List<Double> seconds = new ArrayList<>();
    private long stepped;
    private double evaluation;

    @Override
    public void stepped(StepReport report) {
      seconds.add(report.nanoseconds() / 1e9);
      stepped = System.nanoTime();
    }

    @Override
    public void evaluated(Evaluated evaluated) {
      if (evaluated.step() > 0) {
        evaluation = Math.max(1e-4, (System.nanoTime() - stepped) / 1e9);
      }
    }

    double median() {
      List<Double> sorted = seconds.stream().sorted().toList();
      return sorted.get(sorted.size() / 2);
    }
  }
}
