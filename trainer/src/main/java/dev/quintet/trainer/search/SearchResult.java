package dev.quintet.trainer.search;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What a search has found.
///
/// @param trials in the order of their numbers
/// @param higherIsBetter whether more is better
/// @param stopped whether it was asked to stop before its end
/// @param exhausted whether there was nothing left to try
public record SearchResult(
    List<TrialResult> trials, boolean higherIsBetter, boolean stopped, boolean exhausted) {

  /// Copies the list.
  public SearchResult {
    trials = List.copyOf(trials);
  }

  /// The trials from the best to the worst: those that ran to their full length first, then by how far they came; failed
  /// ones last.
  public List<TrialResult> sorted() {
    return trials.stream()
        .sorted(
            Comparator.comparing((TrialResult trial) -> trial.state())
                .thenComparingLong(
                    trial -> trial.state() == TrialResult.State.DROPPED ? -trial.step() : 0)
                .thenComparingDouble(trial -> higherIsBetter ? -trial.value() : trial.value())
                .thenComparingInt(TrialResult::trial))
        .toList();
  }

  /// The best of the trials that ran to their full length; nothing where none has a finite value.
  public Optional<TrialResult> best() {
    return sorted().stream()
        .filter(
            trial -> trial.state() == TrialResult.State.FINISHED && Double.isFinite(trial.value()))
        .findFirst();
  }

  /// The trials as a sampler sees them, less being better.
  public List<Seen> seen() {
    return trials.stream()
        .map(trial ->
            new Seen(
                trial.trial(),
                trial.values(),
                higherIsBetter ? -trial.value() : trial.value(),
                switch (trial.state()) {
                  case FINISHED, DROPPED, PRUNED -> Seen.State.KNOWN;
                  case FAILED -> Seen.State.FAILED;
                  case RUNNING -> Seen.State.PENDING;
                },
                new double[0]))
        .toList();
  }
}
