package dev.quintet.trainer.loop;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Writes a run's numbers as JSON lines: one object a step, and one an evaluation.
///
/// A step: `{"step": 1, "loss": ..., "rate": ..., "norm": ..., "tokens": ..., "seconds": ..., "memory": ...}`, the last being the
/// most bytes that were in use at one time, where that is known; an evaluation:
/// `{"step": 100, "validation_loss": ..., "best": true}`, with `"seen": {...}`, examples of each task
/// so far, where there are several, and `"scores": {...}` where the model answered; once, at the end,
/// `{"step": 100, "test_loss": ..., "rows": ..., "scores": {...}}`. A resumed run first drops what was logged beyond its
/// checkpoint.
public final class JsonLog implements TrainingListener, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(JsonLog.class.getName());
  private static final Pattern STEP = Pattern.compile("\\{\"step\": (\\d+),.*\\}");

  private final Path file;
  private List<String> kept = List.of();
  private final Optional<LongSupplier> memory;
  private Optional<TaskShares> tasks = Optional.empty();
  private Optional<Writer> open = Optional.empty();

  /// A log; the file is made when training starts.
  public JsonLog(Path file) {
    this.file = file;
    this.memory = Optional.empty();
  }

  /// A log that says how much memory a run has taken; the file is made when training starts.
  ///
  /// @param memory tells the most bytes that were in use at one time
  public JsonLog(Path file, LongSupplier memory) {
    this.file = file;
    this.memory = Optional.of(memory);
  }

  @Override
  public List<Path> writes() {
    return List.of(file);
  }

  @Override
  public void prepared(TrainingData data) {
    tasks = data.tasks();
  }

  @Override
  public void started(TrainingStart start) {
    try {
      List<String> before = Files.exists(file) ? Files.readAllLines(file) : List.of();
      kept =
          start.fromStep() > 0
              ? before.stream().filter(l -> upTo(l, start.fromStep())).toList()
              : List.of();
      if (kept.size() < before.size()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "%s: %d lines are dropped, since the run goes on after step %d"
                .formatted(file, before.size() - kept.size(), start.fromStep()));
      }
      Files.createDirectories(file.toAbsolutePath().getParent());
      AtomicFile.write(file, kept.isEmpty() ? "" : String.join("\n", kept) + "\n");
      open =
          Optional.of(
              Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the log " + file, e);
    }
  }

  private static boolean upTo(String line, long step) {
    Matcher matcher = STEP.matcher(line);
    return matcher.matches() && Long.parseLong(matcher.group(1)) <= step;
  }

  @Override
  public void stepped(StepReport report) {
    line(
        "{\"step\": %d, \"loss\": %s, \"rate\": %s, \"norm\": %s, \"tokens\": %d, \"seconds\": %.4f%s}",
        report.step(),
        number(report.loss()),
        number(report.rate()),
        number(report.norm()),
        report.tokens(),
        report.nanoseconds() / 1e9,
        memory.map(most -> ", \"memory\": " + most.getAsLong()).orElse(""));
  }

  @Override
  public void evaluated(Evaluated evaluated) {
    line(
        "{\"step\": %d, \"validation_loss\": %s, \"best\": %b%s%s}",
        evaluated.step(),
        number(evaluated.loss()),
        evaluated.best(),
        tasks.map(all -> ", \"seen\": " + JsonText.line(all.seen(evaluated.step()))).orElse(""),
        scores(evaluated.scores()));
    flush();
  }

  @Override
  public void tested(Tested tested) {
    String start = "{\"step\": %d, \"test_loss\": ".formatted(tested.step());
    if (kept.stream().noneMatch(line -> line.startsWith(start))) {
      line(
          "%s%s, \"rows\": %d%s}",
          start, number(tested.loss()), tested.rows(), scores(tested.scores()));
      flush();
    }
  }

  private static String scores(Map<String, Double> scores) {
    return scores.isEmpty()
        ? ""
        : scores.entrySet().stream()
            .map(score -> JsonText.of(score.getKey()) + ": " + number(score.getValue()))
            .collect(Collectors.joining(", ", ", \"scores\": {", "}"));
  }

  @Override
  public void saving(long step) {
    flush();
  }

  @Override
  public void finished(TrainingResult result) {
    close();
  }

  @Override
  public void failed(RuntimeException cause) {
    close();
  }

  /// JSON has no infinities and no NaN.
  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.7g", value) : "null";
  }

  private void line(String form, Object... values) {
    open.ifPresent(writer -> {
      try {
        writer.write(String.format(Locale.ROOT, form, values) + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write the log " + file, e);
      }
    });
  }

  private void flush() {
    open.ifPresent(writer -> {
      try {
        writer.flush();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write the log " + file, e);
      }
    });
  }

  @Override
  public void close() {
    flush();
    open.ifPresent(writer -> {
      try {
        writer.close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write the log " + file, e);
      }
    });
    open = Optional.empty();
  }
}
