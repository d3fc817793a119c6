package dev.quintet.app.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What adapters of one task were worth on another, in words that follow from the numbers.
///
/// @param comparison what was compared
/// @param transfer what was carried over
record TransferWords(Comparison comparison, Design.Transfer transfer) {

  /// Counts of cells: where the start from another task is above that afresh, level with it, and below.
  private record Counts(int above, int level, int below) {
    Counts with(int against) {
      return new Counts(
          above + (against > 0 ? 1 : 0),
          level + (against == 0 ? 1 : 0),
          below + (against < 0 ? 1 : 0));
    }

    int all() {
      return above + level + below;
    }

    @Override
    public String toString() {
      return "above in %d of %d cases, level in %d, below in %d"
          .formatted(above, all(), level, below);
    }
  }

  /// A sentence for each method.
  List<String> words() {
    var words = new ArrayList<String>();
    for (String method : transfer.methods()) {
      var before = new Counts(0, 0, 0);
      var after = new Counts(0, 0, 0);
      for (Design.Task task : comparison.design().tasks()) {
        Optional<TrialResult> afresh = comparison.transfer(method, task.name(), Trial.Start.AFRESH);
        for (Design.Task from : comparison.design().tasks()) {
          Optional<TrialResult> carried =
              comparison.transfer(method, task.name(), new Trial.Start(Optional.of(from.name())));
          if (from.equals(task) || afresh.isEmpty() || carried.isEmpty()) {
            continue;
          }
          int sign = task.higherIsBetter() ? 1 : -1;
          after = after.with(sign * carried.get().score().against(afresh.get().score()));
          if (carried.get().before().isPresent() && afresh.get().before().isPresent()) {
            before =
                before.with(
                    sign * carried.get().before().get().against(afresh.get().before().get()));
          }
        }
      }
      if (after.all() > 0) {
        words.add(
            "Transfer, %s. An adapter of another task beside a new one: without a step it is %s; after %,d steps %s."
                .formatted(method, before, transfer.steps(), after));
      }
    }
    return words;
  }
}
