package dev.quintet.app.cli;

import dev.quintet.trainer.search.SearchListener;
import dev.quintet.trainer.search.SearchResult;
import dev.quintet.trainer.search.TrialResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// Says on standard error what each trial does, and which trials' folders nobody needs any more.
final class SearchLines implements SearchListener {
  private final SearchedScore score;
  private final Consumer<List<Integer>> gone;
  private Optional<TrialResult> best = Optional.empty();

  /// @param score what the search is about
  /// @param gone told of trials that have ended and are not the best
  SearchLines(SearchedScore score, Consumer<List<Integer>> gone) {
    this.score = score;
    this.gone = gone;
  }

  @Override
  public void started(List<TrialResult> trials) {
    best = new SearchResult(trials, score.higherIsBetter(), false, false).best();
    if (!trials.isEmpty()) {
      System.err.printf(Locale.ROOT, "going on after %,d trials%n", trials.size());
    }
  }

  @Override
  public void begun(TrialResult trial) {
    System.err.printf(
        Locale.ROOT,
        "trial %d %s: %s%n",
        trial.trial(),
        trial.step() > 0 ? "goes on after step " + trial.step() : "begins",
        SearchReport.values(trial));
  }

  @Override
  public void ended(TrialResult trial) {
    String how =
        switch (trial.state()) {
          case FINISHED -> "is finished";
          case PRUNED -> "is stopped, being worse than the median";
          case FAILED -> "failed, and counts as the worst: " + trial.reason();
          case DROPPED, RUNNING -> "has come to the end of a rung";
        };
    var over = new ArrayList<Integer>();
    switch (trial.state()) {
      case FINISHED -> {
        boolean better =
            Double.isFinite(trial.value())
                && best.map(one -> score.isBetter(trial.value(), one.value())).orElse(true);
        if (!better) {
          over.add(trial.trial());
        } else {
          best.map(TrialResult::trial).ifPresent(over::add);
          best = Optional.of(trial);
        }
      }
      case PRUNED, FAILED -> over.add(trial.trial());
      case DROPPED, RUNNING -> {}
    }
    System.err.printf(
        Locale.ROOT,
        "trial %d %s: %s %.4f after step %,d%s%n",
        trial.trial(),
        how,
        score.label(),
        trial.value(),
        trial.step(),
        best.map(one ->
                String.format(
                    Locale.ROOT, "; best so far %.4f, trial %d", one.value(), one.trial()))
            .orElse(""));
    gone.accept(over);
  }
}
