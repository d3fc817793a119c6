package dev.quintet.app.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/// Progress as plain lines, for logs and for terminals without the progress bar library.
final class ProgressLines implements ProgressLine.Display {
  private final PrintStream out;
  private final long interval;
  private final String task;
  private final long start;
  private final long total;
  private final long startedAt = System.nanoTime();
  private long printedAt = startedAt;
  private long printed;
  private long done;
  private String message = "";

  ProgressLines(PrintStream out, Duration interval, String task, long done, long total) {
    this.out = out;
    this.interval = interval.toNanos();
    this.task = task;
    this.start = done;
    this.total = total;
    this.printed = -1;
    this.done = done;
  }

  @Override
  public synchronized void update(long done, String message) {
    this.done = done;
    this.message = message;
    if (System.nanoTime() - printedAt >= interval) {
      print();
    }
  }

  @Override
  public synchronized void close() {
    if (printed != done) {
      print();
    }
  }

  private void print() {
    printedAt = System.nanoTime();
    printed = done;
    double elapsed = (printedAt - startedAt) / 1e9;
    var line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%s  %,d/%,d  %d%%",
                task,
                done,
                total,
                total == 0 ? 100 : 100 * done / total));
    if (!message.isEmpty()) {
      line.append("  ").append(message);
    }
    if (done < total && done > start) {
      line.append("  ").append(clock(elapsed * (total - done) / (done - start))).append(" left");
    } else {
      line.append("  ").append(clock(elapsed));
    }
    out.println(line);
  }

  /// Minutes and seconds, with hours where there are some.
  static String clock(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
