package dev.quintet.app.cli;

import dev.quintet.app.demo.DemoListener;
import dev.quintet.trainer.loop.JsonLog;
import dev.quintet.trainer.loop.TrainingListener;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/// Shows a demo: its course on standard error, its results on standard output.
final class DemoConsole implements DemoListener {
  private final PrintWriter out;
  private final Interruption interruption;
  private String title = "";
  private Optional<ProgressLine> bar = Optional.empty();
  private long shownTotal;
  private Optional<DoubleSupplier> whole = Optional.empty();

  DemoConsole(PrintWriter out, Interruption interruption) {
    this.out = out;
    this.interruption = interruption;
  }

  @Override
  public void whole(DoubleSupplier secondsLeft) {
    whole = Optional.of(secondsLeft);
  }

  @Override
  public void phase(String next) {
    closeBar();
    title = next;
    System.err.println();
    System.err.println("== " + next + left());
  }

  /// What of the whole is left, behind two spaces.
  private String left() {
    return whole
        .map(seconds -> "  [" + ProgressLines.clock(seconds.getAsDouble()) + " of the whole left]")
        .orElse("");
  }

  private void closeBar() {
    bar.ifPresent(ProgressLine::close);
    bar = Optional.empty();
  }

  @Override
  public void skipped(String done) {
    System.err.println("== " + done + ": done before");
  }

  @Override
  public void note(String text) {
    System.err.println(text);
  }

  @Override
  public synchronized void progress(long done, long total) {
    if (bar.isPresent() && total != shownTotal) {
      closeBar();
    }
    if (bar.isEmpty()) {
      bar = Optional.of(ProgressLine.start(title, total));
      shownTotal = total;
    }
    bar.get().update(done, left().strip());
  }

  @Override
  public void ended(double seconds) {
    closeBar();
    System.err.printf(Locale.ROOT, "-- %.1f s%n", seconds);
  }

  @Override
  public void result(String text) {
    System.err.println();
    out.println(text.stripTrailing());
    out.println();
    out.flush();
  }

  @Override
  public List<TrainingListener> training(String what, Path log, Path plot) {
    closeBar();
    return List.of(
        new JsonLog(log),
        new TrainingProgress(what, this::left),
        new LossPicture(what, log, plot),
        interruption);
  }
}
