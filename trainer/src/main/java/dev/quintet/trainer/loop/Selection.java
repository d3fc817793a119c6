package dev.quintet.trainer.loop;

import dev.quintet.models.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/// Keeps which evaluation was the best, and counts those without progress.
///
/// The best is strictly better than all before; what is not a finite number never is. Progress is measured from a reference
/// of its own, which moves only where an evaluation is better than it by more than [Choice#minDelta]: small gains, one
/// after another, do not keep a run alive.
public final class Selection {
  private final Choice choice;
  private double best = Double.NaN;
  private long bestStep = -1;
  private double reference = Double.NaN;
  private int waited;

  /// One that has seen nothing.
  public Selection(Choice choice) {
    this.choice = choice;
  }

  /// Takes an evaluation.
  ///
  /// @param step after which it was made
  /// @param value of the score that decides
  /// @return whether it is the best so far
  public boolean offer(long step, double value) {
    if (isBetter(value, reference, choice.minDelta())) {
      reference = value;
      waited = 0;
    } else {
      waited++;
    }
    if (!isBetter(value, best, 0)) {
      return false;
    }
    best = value;
    bestStep = step;
    return true;
  }

  private boolean isBetter(double value, double than, double by) {
    return Double.isFinite(value)
        && (Double.isNaN(than) || (choice.higherIsBetter() ? value - than : than - value) > by);
  }

  /// Whether the run ends here.
  public boolean exhausted() {
    return choice.patience().isPresent() && waited >= choice.patience().getAsInt();
  }

  /// After how many steps the best was; -1 before there was one.
  public long bestStep() {
    return bestStep;
  }

  /// What a checkpoint has to hold, as JSON.
  Map<String, Object> state() {
    var state = new LinkedHashMap<String, Object>();
    state.put("best", String.valueOf(best)); // may be NaN, which JSON has no number for
    state.put("best_step", bestStep);
    state.put("reference", String.valueOf(reference));
    state.put("waited", waited);
    return state;
  }

  /// Goes on from a checkpoint.
  void restore(JsonObject state) {
    best = Double.parseDouble(state.required("best", JsonObject::string));
    bestStep = state.required("best_step", JsonObject::whole);
    reference = Double.parseDouble(state.required("reference", JsonObject::string));
    waited = state.required("waited", JsonObject::integer);
  }
}
