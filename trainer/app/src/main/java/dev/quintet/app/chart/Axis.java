package dev.quintet.app.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Where numbers lie on an axis, and at which of them it is marked.
///
/// @param min where it begins
/// @param max where it ends, above the beginning
/// @param ticks the marked numbers, ascending
record Axis(double min, double max, List<Double> ticks) {
  private static final int LONGEST_LABEL = 6;

  /// An axis that reaches over these numbers, marked at round ones.
  ///
  /// @param least the least number
  /// @param most the greatest; may be the same
  /// @param about how many marks
  static Axis over(double least, double most, int about) {
    Axis axis = round(least, most, about);
    boolean crowded =
        axis.ticks.stream().anyMatch(tick -> axis.label(tick).length() > LONGEST_LABEL);
    // Far from zero, marks that differ little need many digits; from zero on, few.
    return !crowded
        ? axis
        : least > 0 ? round(0, most, about) : most < 0 ? round(least, 0, about) : axis;
  }

  private static Axis round(double least, double most, int about) {
    double from = least;
    double to = most;
    if (!(to > from)) {
      double room = from == 0 ? 1 : Math.abs(from) * 0.1;
      from -= room;
      to += room;
    }
    double step = round((to - from) / about);
    double first = Math.floor(from / step) * step;
    double last = Math.ceil(to / step) * step;
    var ticks = new ArrayList<Double>();
    for (int i = 0; first + i * step <= last + step / 2; i++) {
      double tick = first + i * step;
      ticks.add(Math.abs(tick) < step / 1e6 ? 0 : tick);
    }
    return new Axis(ticks.getFirst(), ticks.getLast(), List.copyOf(ticks));
  }

  /// The next of 1, 2 and 5 times a power of ten.
  private static double round(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(step)));
    double digits = step / power;
    return (digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10) * power;
  }

  /// The place of a number between 0 and 1.
  double place(double value) {
    return (value - min) / (max - min);
  }

  /// The marked number as it is printed, with as many digits as tell the marks apart.
  String label(double tick) {
    double most = Math.max(Math.abs(min), Math.abs(max));
    double step = ticks.size() > 1 ? ticks.get(1) - ticks.getFirst() : most;
    if (tick == 0) {
      return "0";
    }
    if (most < 1e-3) {
      return scientific(tick);
    }
    if (most >= 1e4) {
      return large(tick, step);
    }
    int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    return String.format(Locale.ROOT, "%." + decimals + "f", tick);
  }

  /// Such as `2.5e-5`.
  private static String scientific(double tick) {
    int power = (int) Math.floor(Math.log10(Math.abs(tick)) + 1e-9);
    String digits = String.format(Locale.ROOT, "%.1f", tick / Math.pow(10, power));
    return (digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits)
        + "e"
        + power;
  }

  private static String large(double tick, double step) {
    String[] units = {"", "k", "M", "G", "T"};
    int unit = (int) Math.min(units.length - 1, Math.floor(Math.log10(Math.abs(tick)) / 3 + 1e-9));
    double scale = Math.pow(1000, Math.max(0, unit));
    int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step / scale) - 1e-9));
    return String.format(Locale.ROOT, "%." + Math.min(3, decimals) + "f", tick / scale)
        + units[Math.max(0, unit)];
  }
}
