package dev.quintet.benchmarks.run;

import java.util.Locale;

/// Numbers as they are shown.
final class Figures {
  private Figures() {}

  /// Three digits, in the unit that suits.
  static String time(double seconds) {
    if (seconds >= 1) {
      return digits(seconds) + " s";
    }
    if (seconds >= 1e-3) {
      return digits(1e3 * seconds) + " ms";
    }
    return seconds >= 1e-6 ? digits(1e6 * seconds) + " us" : digits(1e9 * seconds) + " ns";
  }

  /// A speed in its unit, or where it has none the time of a call.
  static String speed(double speed, String unit) {
    return unit.isEmpty() ? time(1 / speed) : digits(speed) + " " + unit;
  }

  static String digits(double value) {
    double size = Math.abs(value);
    String form = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 0.01 ? "%.2f" : "%.2g";
    return String.format(Locale.ROOT, form, value);
  }

  /// A round number, with the digits that it needs.
  static String tick(double value) {
    String digits = digits(value);
    return digits.contains(".") ? digits.replaceFirst("\\.?0+$", "") : digits;
  }

  static String ratio(double ratio) {
    return String.format(Locale.ROOT, "%.2f", ratio);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }

  static String giga(double value) {
    return digits(1e-9 * value);
  }
}
