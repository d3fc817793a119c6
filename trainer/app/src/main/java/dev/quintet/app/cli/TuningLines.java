package dev.quintet.app.cli;

import dev.quintet.app.tuning.Comparison;
import dev.quintet.app.tuning.Design;
import dev.quintet.app.tuning.Score;
import dev.quintet.app.tuning.Trial;
import dev.quintet.app.tuning.TrialResult;
import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Says on standard error how far a comparison is, and keeps what came of its trainings.
final class TuningLines {
  private final int all;
  private final int whole;
  private final List<TrialResult> results = new ArrayList<>();
  private final List<Comparison.Failure> failures = new ArrayList<>();
  private final Set<Trial> done = new HashSet<>();

  TuningLines(Design design) {
    all = design.trials().size();
    whole = (int) design.trials().stream().filter(trial -> trial.start().isEmpty()).count();
  }

  /// Takes in a line of the journal.
  void before(JsonObject event) {
    if (event.has("failed")) {
      take(Comparison.Failure.of(event));
    } else {
      take(TrialResult.of(event));
    }
  }

  private void take(TrialResult result) {
    results.add(result);
    done.add(result.trial());
  }

  private void take(Comparison.Failure failure) {
    failures.add(failure);
    done.add(failure.trial());
  }

  boolean isDone(Trial trial) {
    return done.contains(trial);
  }

  List<TrialResult> results() {
    return results;
  }

  List<Comparison.Failure> failures() {
    return failures;
  }

  /// What all trainings took.
  double seconds() {
    return results.stream().mapToDouble(TrialResult::seconds).sum();
  }

  void begins(Trial trial) {
    System.err.printf(Locale.ROOT, "%,d of %,d: %s%n", done.size() + 1, all, trial.label());
  }

  void ended(TrialResult result) {
    take(result);
    Score score = result.score();
    System.err.printf(
        Locale.ROOT,
        "  %s%.4f (%.4f to %.4f) after %,d steps, %.1f s%s%n",
        result
            .before()
            .map(before -> String.format(Locale.ROOT, "%.4f without a step, ", before.value()))
            .orElse(""),
        score.value(),
        score.low(),
        score.high(),
        result.steps(),
        result.seconds(),
        left());
  }

  void failed(Comparison.Failure failure) {
    take(failure);
    System.err.println("  failed, and is left out: " + failure.reason());
  }

  /// How long the rest takes, if it goes on as it went.
  private String left() {
    double mean = mean(false);
    double transfer = mean(true);
    long wholeDone = done.stream().filter(trial -> trial.start().isEmpty()).count();
    long transferred = done.size() - wholeDone;
    double seconds =
        (whole - wholeDone) * mean
            + (all - whole - transferred) * (Double.isNaN(transfer) ? mean / 3 : transfer);
    return done.size() == all || Double.isNaN(seconds)
        ? ""
        : "; about " + ProgressLines.clock(seconds) + " left";
  }

  private double mean(boolean transfers) {
    return results.stream()
        .filter(one -> one.trial().start().isPresent() == transfers)
        .mapToDouble(TrialResult::seconds)
        .average()
        .orElse(Double.NaN);
  }
}
