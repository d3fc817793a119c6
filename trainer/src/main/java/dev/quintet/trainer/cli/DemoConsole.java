package dev.quintet.trainer.cli;

import dev.quintet.trainer.demo.DemoListener;
import dev.quintet.trainer.loop.JsonLog;
import dev.quintet.trainer.loop.TrainingListener;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Shows a demo: its course on standard error, its results on standard output.
final class DemoConsole implements DemoListener {
  private final PrintWriter out;
  private final Interruption interruption;
  private String title = "";
  private Optional<ProgressLine> bar = Optional.empty();

  DemoConsole(PrintWriter out, Interruption interruption) {
    this.out = out;
    this.interruption = interruption;
  }

  @Override
  public void phase(String next) {
    title = next;
    System.err.println();
    System.err.println("== " + next);
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
    if (bar.isEmpty()) {
      bar = Optional.of(ProgressLine.start(title, total));
    }
    bar.get().update(done);
  }

  @Override
  public void ended(double seconds) {
    bar.ifPresent(ProgressLine::close);
    bar = Optional.empty();
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
    return List.of(
        new JsonLog(log),
        new TrainingProgress(what),
        new LossPicture(what, log, plot),
        interruption);
  }
}
