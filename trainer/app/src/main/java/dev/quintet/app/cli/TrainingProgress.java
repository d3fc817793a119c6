package dev.quintet.app.cli;

import dev.quintet.trainer.loop.TrainingData;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.loop.TrainingStart;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// Shows a training on standard error: what trains, then a bar with loss, tokens per second and time left.
final class TrainingProgress implements TrainingListener {
  /// The weight of the past in what is shown: about the last 30 steps.
  private static final double MEMORY = 0.97;

  private final String title;
  private final Supplier<String> more;
  private Optional<ProgressLine> bar = Optional.empty();
  private double weight;
  private double loss;
  private double tokens;
  private double seconds;
  private String validation = "";

  TrainingProgress(String title) {
    this(title, () -> "");
  }

  /// @param more what stands at the end of the message, asked each time
  TrainingProgress(String title, Supplier<String> more) {
    this.title = title;
    this.more = more;
  }

  @Override
  public void prepared(TrainingData data) {
    data.remarks().forEach(System.err::println);
  }

  @Override
  public void started(TrainingStart start) {
    System.err.print(start.table());
    if (start.frozen() > 0) {
      System.err.printf(
          Locale.ROOT,
          "training %,d of %,d parameters (%.2f %%)%n",
          start.trainable(),
          start.trainable() + start.frozen(),
          100.0 * start.trainable() / (start.trainable() + start.frozen()));
    }
    if (start.fromStep() > 0) {
      System.err.printf(
          Locale.ROOT, "continuing after step %,d of %,d%n", start.fromStep(), start.steps());
    }
    bar = Optional.of(ProgressLine.start(title, start.fromStep(), start.steps()));
  }

  @Override
  public void stepped(StepReport report) {
    weight = MEMORY * weight + 1;
    loss = MEMORY * loss + report.loss();
    tokens = MEMORY * tokens + report.tokens();
    seconds = MEMORY * seconds + report.nanoseconds() / 1e9;
    String message =
        ProgressLine.training(loss / weight, tokens / seconds) + validation + more.get();
    bar.ifPresent(line -> line.update(report.step(), message));
  }

  @Override
  public void evaluated(long step, double measured, boolean best) {
    validation = String.format(Locale.ROOT, "  validation %.3f%s", measured, best ? " (best)" : "");
  }

  @Override
  public void finished(TrainingResult result) {
    close();
  }

  /// Ends the bar, if it is still there.
  void close() {
    bar.ifPresent(ProgressLine::close);
    bar = Optional.empty();
  }
}
