package dev.quintet.app.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/// Shows how far a piece of work is: a bar on a terminal, otherwise a line now and then.
///
/// Times shown come from the clock and go nowhere else. [#update] may be called from any thread, as
/// often as one likes.
public final class ProgressLine implements AutoCloseable {
  private final Display display;

  /// Where progress goes.
  interface Display {
    void update(long done, String message);

    void close();
  }

  private ProgressLine(Display display) {
    this.display = display;
  }

  /// Starts to show work on standard error.
  ///
  /// @param task what is being done, in a word or two
  /// @param total units of work in all
  public static ProgressLine start(String task, long total) {
    return start(task, 0, total);
  }

  /// Starts to show work of which a part was done before, by an interrupted run.
  ///
  /// @param task what is being done, in a word or two
  /// @param done units of work done before
  /// @param total units of work in all
  public static ProgressLine start(String task, long done, long total) {
    if (errorIsTerminal()) {
      try {
        return new ProgressLine(new ProgressTerminal(System.err, task, done, total));
      } catch (LinkageError e) {
        // The library is optional; lines need nothing.
      }
    }
    return lines(System.err, Duration.ofSeconds(10), task, done, total);
  }

  static ProgressLine lines(
      PrintStream out, Duration interval, String task, long done, long total) {
    return new ProgressLine(new ProgressLines(out, interval, task, done, total));
  }

  /// Shows that so many units are done.
  public void update(long done) {
    update(done, "");
  }

  /// Shows that so many units are done, and a message beside it, such as [#training].
  public void update(long done, String message) {
    display.update(done, message);
  }

  /// The message of a training loop: loss and speed.
  ///
  /// @param loss mean cross entropy of a label token, in nats
  /// @param tokensPerSecond source and target tokens, padding not counted
  public static String training(double loss, double tokensPerSecond) {
    return String.format(Locale.ROOT, "loss %.3f  %,.0f tokens/s", loss, tokensPerSecond);
  }

  /// Shows the last state and ends the line.
  @Override
  public void close() {
    display.close();
  }

  /// Java cannot tell for standard error alone; Linux can, and elsewhere standard output decides.
  private static boolean errorIsTerminal() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    Path error = Path.of("/proc/self/fd/2");
    try {
      String target = Files.readSymbolicLink(error).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null && System.console().isTerminal();
    }
  }
}
