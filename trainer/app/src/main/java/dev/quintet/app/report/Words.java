package dev.quintet.app.report;

import dev.quintet.trainer.metric.PythonText;
import java.util.Locale;

/// Numbers as a report prints them.
public final class Words {
  private static final int DECIMALS = 4;

  private Words() {}

  /// A score or a loss.
  public static String score(double value) {
    return Double.isNaN(value) ? "none" : PythonText.fixed(value, DECIMALS);
  }

  /// A difference, with its sign.
  public static String difference(double value) {
    return (value >= 0 ? "+" : "") + score(value);
  }

  /// A probability that came of so many resamples.
  public static String p(double value) {
    return PythonText.fixed(value, DECIMALS);
  }

  /// A count.
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /// Rows of all rows, with their share.
  static String share(long some, long all) {
    return all == 0
        ? "0 of 0"
        : String.format(Locale.ROOT, "%,d of %,d (%.1f %%)", some, all, 100.0 * some / all);
  }

  /// Seconds.
  public static String duration(double seconds) {
    return seconds < 90
        ? String.format(Locale.ROOT, "%.1f s", seconds)
        : seconds < 5400
            ? String.format(Locale.ROOT, "%.1f min", seconds / 60)
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  /// Bytes.
  public static String bytes(long bytes) {
    return bytes < 1 << 20
        ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
        : bytes < 1 << 30
            ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20))
            : String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1 << 30));
  }
}
