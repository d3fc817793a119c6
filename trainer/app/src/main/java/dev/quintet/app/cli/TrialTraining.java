package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.folds.FoldScores;
import dev.quintet.trainer.loop.Evaluated;
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
import java.util.TreeMap;
import java.util.function.Function;

/// Trains with a trial's settings in a folder of its own, and gives the best score of its evaluations. A trial that stopped goes
/// on from its checkpoint.
///
/// What counts is read from the trial's log, so that a trial that was killed says the same as one left alone.
final class TrialTraining implements Objective {
  private final Function<Map<String, Object>, JsonObject> settings;
  private final SearchedScore score;
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
  record Part(String name, long seed, Optional<LearnedRows> data) {}

  /// @param settings those of a trial with these values
  /// @param score that counts
  /// @param folder for the trials' folders
  /// @param parts at least one
  /// @param every steps of the shortest trial, where trials have several lengths; the settings evaluate as often
  /// @param longest a full trial as a multiple of the shortest
  TrialTraining(
      Function<Map<String, Object>, JsonObject> settings,
      SearchedScore score,
      Path folder,
      Device device,
      List<Part> parts,
      OptionalLong every,
      int longest) {
    this.settings = settings;
    this.score = score;
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
      TreeMap<Long, Double> scores = scores(out, until(trial));
      values[i] = score.best(scores.tailMap(1L).values());
      step = scores.isEmpty() ? 0 : scores.lastKey();
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
        && scores(out, done(out)).entrySet().stream()
            .anyMatch(one -> one.getKey() > 0 && trial.report(one.getKey(), one.getValue()))) {
      return false;
    }
    if (done(out) >= until) {
      return true;
    }
    JsonObject run = settings.apply(trial.values()).with("seed", trial.seed() + part.seed());
    var watch = new Watch(trial, score, reports, until);
    try {
      TrainRun training =
          TrainRun.of(run)
              .withoutTest()
              .say(remarks::say)
              .resume(true)
              .listener(watch)
              .listener(remarks)
              .stopWhen(watch::stops);
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
    private final SearchedScore score;
    private final boolean reports;
    private final long until;
    private boolean pruned;
    private long step;

    Watch(Trial trial, SearchedScore score, boolean reports, long until) {
      this.trial = trial;
      this.score = score;
      this.reports = reports;
      this.until = until;
    }

    @Override
    public void evaluated(Evaluated evaluated) {
      step = evaluated.step();
      if (reports && step > 0) {
        pruned = trial.report(step, asLogged(score.of(evaluated))) || pruned;
      }
    }

    boolean stops() {
      return pruned || step >= until || trial.stopping();
    }
  }

  /// As the log has it, so that a number read again is the same.
  private static double asLogged(double value) {
    return Double.isFinite(value)
        ? Double.parseDouble(String.format(Locale.ROOT, "%.7g", value))
        : Double.NaN;
  }

  /// The step of the newest checkpoint.
  private static long done(Path out) {
    return AtomicDirectory.newest(out.resolve("checkpoints"), "step-")
        .map(path -> Long.parseLong(String.valueOf(path.getFileName()).substring(5)))
        .orElse(-1L);
  }

  /// The score at the evaluations up to a step.
  private TreeMap<Long, Double> scores(Path out, long until) {
    var scores = new TreeMap<Long, Double>();
    Path log = out.resolve("log.jsonl");
    if (until < 0 || !Files.exists(log)) {
      return scores;
    }
    try {
      for (String line : Files.readAllLines(log)) {
        if (!line.endsWith("}")) {
          continue; // cut off when the process was killed
        }
        JsonObject entry = JsonObject.parse(log.toString(), line);
        long step = entry.required("step", JsonObject::whole);
        if (entry.has("best") && step <= until) {
          scores.put(step, score.of(entry));
        }
      }
      return scores;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log + ": " + e, e);
    }
  }
}
