package dev.quintet.trainer.loop;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How often something happens: every so many steps, or epochs.
///
/// @param count how many
/// @param epochs whether they are epochs
public record Interval(double count, boolean epochs) {
  private static final Pattern FORM =
      Pattern.compile("\\s*([0-9]*\\.?[0-9]+(?:[eE][0-9]+)?)\\s*(steps?|epochs?)?\\s*");

  /// Checks the number.
  ///
  /// @throws IllegalArgumentException if it is not positive, or a number of steps is not whole
  public Interval {
    if (!(count > 0 && count < 1e15) || !epochs && (count != Math.rint(count))) {
      throw new IllegalArgumentException(
          "an interval is a whole number of steps from 1 on, or a positive number of epochs, not "
              + count
              + (epochs ? " epochs" : " steps"));
    }
  }

  /// So many steps.
  public static Interval steps(long count) {
    return new Interval(count, false);
  }

  /// So many epochs, or a part of one.
  public static Interval epochs(double count) {
    return new Interval(count, true);
  }

  /// Reads `1 epoch`, `0.5 epochs`, `200 steps` or `200`.
  ///
  /// @throws IllegalArgumentException if the text has another form
  public static Interval of(String text) {
    Matcher matcher = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "an interval is such as \"200 steps\" or \"1 epoch\", not \"" + text + "\"");
    }
    String unit = matcher.group(2);
    return new Interval(
        Double.parseDouble(matcher.group(1)), unit != null && unit.startsWith("epoch"));
  }

  /// The interval in steps, at least 1.
  ///
  /// @param perEpoch steps of an epoch
  public long inSteps(long perEpoch) {
    return Math.max(1, Math.round(epochs ? count * perEpoch : count));
  }
}
