package dev.quintet.app.cli;

import java.util.Locale;

/// Sizes for people, in powers of 1000 as disks and Hugging Face's pages count them.
final class Sizes {
  private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};

  private Sizes() {}

  /// Three digits and a unit: `65.8 MB`.
  static String of(long bytes) {
    double size = bytes;
    int unit = 0;
    // What would round to 1000 is 1 of the next unit.
    while (size >= 999.5 && unit < UNITS.length - 1) {
      size /= 1000;
      unit++;
    }
    String form = unit == 0 || size >= 99.95 ? "%.0f %s" : size >= 9.995 ? "%.1f %s" : "%.2f %s";
    return String.format(Locale.ROOT, form, size, UNITS[unit]);
  }
}
