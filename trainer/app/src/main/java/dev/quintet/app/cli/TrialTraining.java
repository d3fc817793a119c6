package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.folds.FoldScores;
import dev.quintet.trainer.loop.TrainingException;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.search.Objective;
import dev.quintet.trainer.search.Outcome;
import dev.quintet.trainer.search.Trial;
import dev.quintet.trainer.search.TrialFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// Trains with a trial's settings in a folder of its own, and gives the lowest validation loss. A trial that stopped goes
/// on from its checkpoint.
///
/// What counts is read from the trial's log, so that a trial that was killed says the same as one left alone.
final class TrialTraining implements Objective {
  private final Function<Map<String, Object>, JsonObject> settings;
  private final Path folder;
  private final Device device;
  private final List<Part> parts;
  private final OptionalLong every;
  private final int longest;
  private final NewRemarks remarks = new NewRemarks();

  /// One of several trainings whose mean is the trial's value.
  ///
  /// @param name of its folder; empty where there is only one
  /// @param seed what is added to the seed
  /// @param data in place of the files that the settings name
  record Part(String name, long seed, Optional<Pairs.Splits> data) {}

  /// @param settings those of a trial with these values
  /// @param folder for the trials' folders
  /// @param parts at least one
  /// @param every steps of the shortest trial, where trials have several lengths; the settings evaluate as often
  /// @param longest a full trial as a multiple of the shortest
  TrialTraining(
      Function<Map<String, Object>, JsonObject> settings,
      Path folder,
      Device device,
      List<Part> parts,
      OptionalLong every,
      int longest) {
    this.settings = settings;
    this.folder = folder;
    this.device = device;
    this.parts = List.copyOf(parts);
    this.every = every;
    this.longest = longest;
  }

  /// The folder of a trial.
  Path folder(int trial) {
    return folder.resolve(String.valueOf(trial));
  }

  /// The folder of a trial's training whose model counts: the first.
  Path winner(int trial) {
    return folder(trial).resolve(parts.getFirst().name());
  }

  @Override
  public Optional<Outcome> run(Trial trial) {
    double[] values = new double[parts.size()];
    long step = 0;
    for (int i = 0; i < values.length; i++) {
      Path out = folder(trial.number()).resolve(parts.get(i).name());
      if (!train(trial, parts.get(i), i == 0, out)) {
        return Optional.empty();
      }
      TreeMap<Long, Double> losses = losses(out, until(trial));
      values[i] = lowest(losses);
      step = losses.isEmpty() ? 0 : losses.lastKey();
    }
    return Optional.of(outcome(step, values));
  }

  private static Outcome outcome(long step, double[] values) {
    if (values.length == 1) {
      return new Outcome(step, values[0]);
    }
    // Seeds of one set of data: no rows in common to allow for but those that all have.
    var scores = new FoldScores(values, 1, 1);
    FoldScores.Interval interval = scores.plain(0.95);
    return new Outcome(
        step, scores.mean(), OptionalDouble.of(interval.low()), OptionalDouble.of(interval.high()));
  }

  /// The step at which a trial ends or pauses.
  private long until(Trial trial) {
    return every.isEmpty() || trial.share() >= 1
        ? Long.MAX_VALUE
        : Math.max(1, Math.round(trial.share() * longest)) * every.getAsLong();
  }

  /// @return whether it got as far as it was to
  private boolean train(Trial trial, Part part, boolean reports, Path out) {
    long until = until(trial);
    if (reports
        && losses(out, done(out)).entrySet().stream()
            .anyMatch(one -> one.getKey() > 0 && trial.report(one.getKey(), one.getValue()))) {
      return false;
    }
    if (done(out) >= until) {
      return true;
    }
    JsonObject run = settings.apply(trial.values()).with("seed", trial.seed() + part.seed());
    var watch = new Watch(trial, reports, until);
    try {
      TrainRun training =
          TrainRun.of(run).resume(true).listener(watch).listener(remarks).stopWhen(watch::stops);
      part.data().ifPresent(training::data);
      boolean stopped = training.run(out, device).stopped();
      return !watch.pruned && (!stopped || done(out) >= until);
    } catch (TrainingException e) {
      throw new TrialFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  /// Tells the search of evaluations, and stops where it says so.
  private static final class Watch implements TrainingListener {
    private final Trial trial;
    private final boolean reports;
    private final long until;
    private boolean pruned;
    private long step;

    Watch(Trial trial, boolean reports, long until) {
      this.trial = trial;
      this.reports = reports;
      this.until = until;
    }

    @Override
    public void evaluated(long step, double loss, boolean best) {
      this.step = step;
      if (reports && step > 0) {
        pruned = trial.report(step, asLogged(loss)) || pruned;
      }
    }

    boolean stops() {
      return pruned || step >= until || trial.stopping();
    }
  }

  /// As the log has it, so that a number read again is the same.
  private static double asLogged(double loss) {
    return Double.isFinite(loss)
        ? Double.parseDouble(String.format(Locale.ROOT, "%.7g", loss))
        : Double.NaN;
  }

  /// The step of the newest checkpoint.
  private static long done(Path out) {
    return AtomicDirectory.newest(out.resolve("checkpoints"), "step-")
        .map(path -> Long.parseLong(String.valueOf(path.getFileName()).substring(5)))
        .orElse(-1L);
  }

  /// The validation losses up to a step.
  static TreeMap<Long, Double> losses(Path out, long until) {
    var losses = new TreeMap<Long, Double>();
    Path log = out.resolve("log.jsonl");
    if (until < 0 || !Files.exists(log)) {
      return losses;
    }
    try {
      for (String line : Files.readAllLines(log)) {
        if (!line.endsWith("}")) {
          continue; // cut off when the process was killed
        }
        JsonObject entry = JsonObject.parse(log.toString(), line);
        long step = entry.required("step", JsonObject::whole);
        if (entry.has("best") && step <= until) {
          losses.put(step, entry.number("validation_loss").orElse(Double.NaN));
        }
      }
      return losses;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log + ": " + e, e);
    }
  }

  private static double lowest(SequencedMap<Long, Double> losses) {
    return losses.entrySet().stream()
        .filter(one -> one.getKey() > 0 && !one.getValue().isNaN())
        .mapToDouble(Map.Entry::getValue)
        .min()
        .orElse(Double.NaN);
  }
}
