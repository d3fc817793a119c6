package dev.quintet.trainer.schedule;

import dev.quintet.models.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/// Lowers the learning rate where evaluations no longer become better: PyTorch's `ReduceLROnPlateau`.
///
/// One is made at the start of a run, by [LearningRate#plateau]. The loop calls [#observe] once with each evaluation's
/// metric, also with that before the first step, and multiplies each later step's [LearningRate#at] by [#factor]. A
/// checkpoint holds its [#state]; after a [#restore] it goes on as if nothing had been between.
public final class Plateau {
  private final Options options;
  private final double peak;
  private final boolean higherIsBetter;
  private double rate;
  private double best;
  private int bad;
  private int cooling;

  /// One that has observed nothing.
  ///
  /// @param options when to lower the rate, and by how much
  /// @param peak the rate at the start
  /// @param higherIsBetter whether a higher metric is the better one
  public Plateau(Options options, double peak, boolean higherIsBetter) {
    this.options = options;
    this.peak = peak;
    this.higherIsBetter = higherIsBetter;
    this.rate = peak;
    this.best = higherIsBetter ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }

  /// Takes an evaluation's metric; one that is not a number counts as bad.
  ///
  /// @return whether the rate was lowered
  public boolean observe(double metric) {
    if (better(metric)) {
      best = metric;
      bad = 0;
    } else {
      bad++;
    }
    if (cooling > 0) {
      cooling--;
      bad = 0;
    }
    if (bad <= options.patience) {
      return false;
    }
    bad = 0;
    cooling = options.cooldown;
    double lower = Math.max(rate * options.factor, options.least);
    boolean changes = rate - lower > Options.NO_CHANGE;
    rate = changes ? lower : rate;
    return changes;
  }

  private boolean better(double metric) {
    double by = options.threshold;
    return higherIsBetter
        ? metric > (options.relative ? best * (1 + by) : best + by)
        : metric < (options.relative ? best * (1 - by) : best - by);
  }

  /// What the rate of each step is multiplied by.
  public double factor() {
    return rate == peak ? 1 : rate / peak;
  }

  /// What a checkpoint has to hold, as JSON.
  public Map<String, Object> state() {
    var state = new LinkedHashMap<String, Object>();
    state.put("rate", rate);
    state.put("best", String.valueOf(best)); // may be infinite, which JSON has no number for
    state.put("bad", (long) bad);
    state.put("cooling", (long) cooling);
    return state;
  }

  /// Goes on from a checkpoint.
  ///
  /// @param state what [#state] gave
  /// @throws IllegalArgumentException that names the key that is missing or wrong
  public void restore(JsonObject state) {
    rate = state.required("rate", JsonObject::number);
    String text = state.required("best", JsonObject::string);
    try {
      best = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw state.wrong("best", "a number", text);
    }
    bad = state.required("bad", JsonObject::integer);
    cooling = state.required("cooling", JsonObject::integer);
  }

  /// When a rate is lowered, and by how much.
  ///
  /// @param factor what it is multiplied by, above 0 and below 1
  /// @param patience how many evaluations in a row may be no better
  /// @param threshold by how much one has to be better than the best
  /// @param relative whether the threshold is a share of the best
  /// @param cooldown for how many evaluations after it was lowered none counts as bad
  /// @param least the rate that it does not fall below
  public record Options(
      double factor, int patience, double threshold, boolean relative, int cooldown, double least) {
    /// PyTorch's: to a tenth after more than 10 evaluations that are not better by a ten-thousandth.
    public static final Options DEFAULT = new Options(0.1, 10, 1e-4, true, 0, 0);

    private static final double NO_CHANGE = 1e-8;

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException that names the one that is wrong
    public Options {
      check("a factor above 0 and below 1", factor > 0 && factor < 1, factor);
      check("a patience of at least 0", patience >= 0, patience);
      check("a threshold of at least 0", threshold >= 0, threshold);
      check("a cooldown of at least 0", cooldown >= 0, cooldown);
      check("a least rate of at least 0", least >= 0, least);
    }

    private static void check(String wanted, boolean fine, double value) {
      if (!fine) {
        throw new IllegalArgumentException("a plateau has " + wanted + ", not " + value);
      }
    }
  }
}
