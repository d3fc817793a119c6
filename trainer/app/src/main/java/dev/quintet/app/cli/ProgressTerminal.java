package dev.quintet.app.cli;

import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// Progress as a bar; apart from [ProgressLine], because its library need not be there.
final class ProgressTerminal implements ProgressLine.Display {
  private static final int DEFAULT_COLUMNS = 100;

  private final ProgressBar bar;

  ProgressTerminal(PrintStream out, String task, long done, long total) {
    bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total)
            .startsFrom(done, Duration.ZERO)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(500)
            .setConsumer(new ConsoleProgressBarConsumer(out, columns()))
            .build();
  }

  /// Asked of the environment: asking the terminal would take a native library.
  private static int columns() {
    String columns = System.getenv("COLUMNS");
    return columns != null && columns.matches("[1-9][0-9]{1,3}")
        ? Integer.parseInt(columns)
        : DEFAULT_COLUMNS;
  }

  @Override
  public void update(long done, String message) {
    bar.stepTo(done);
    bar.setExtraMessage(message);
  }

  @Override
  public void close() {
    bar.close();
  }
}
