package dev.quintet.app.watch;

import dev.quintet.app.chart.LineChart;
import dev.quintet.app.chart.ScoreTitle;
import dev.quintet.app.chart.Series;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.PythonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A run's folder as the page shows it: how far it is, curves, and the latest answers.
public final class RunView {
  private static final Set<String> OWN =
      Set.of("loss", "rate", "norm", "tokens", "seconds", "memory", "validation_loss");

  private static final String SCORES = "scores/";

  private final Path folder;
  private final RunLog log;

  /// A view of a folder.
  ///
  /// @throws IllegalArgumentException if it is no folder, or none of a run
  public RunView(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "there is no folder " + folder + " to watch: name the \"out\" of a training");
    }
    if (!Files.exists(folder.resolve("run.json")) && !Files.exists(folder.resolve("log.jsonl"))) {
      throw new IllegalArgumentException(
          folder
              + " is no folder of a run, it has neither run.json nor log.jsonl: name the \"out\" of a training that has begun");
    }
    this.folder = folder;
    log = new RunLog(folder.resolve("log.jsonl"));
  }

  /// The folder's name, for the title.
  String name() {
    return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
  }

  /// What the page shows, as a JSON object: `status`, `charts` and `examples`.
  ///
  /// @throws IOException if a file cannot be read
  public synchronized String json() throws IOException {
    log.follow();
    var json = new LinkedHashMap<String, Object>();
    json.put("status", status());
    var charts = new ArrayList<Map<String, Object>>();
    for (LineChart chart : drawn()) {
      charts.add(Map.of("title", chart.title(), "svg", chart.svg()));
    }
    json.put("charts", charts);
    Predictions predictions = Predictions.of(folder);
    json.put("examples_step", predictions.step());
    var examples = new ArrayList<Map<String, Object>>();
    for (Predictions.Row row : predictions.rows()) {
      var example = new LinkedHashMap<String, Object>();
      example.put("source", row.source());
      example.put("target", row.target());
      example.put("prediction", row.prediction());
      examples.add(example);
    }
    json.put("examples", examples);
    return JsonText.of(json);
  }

  private String status() {
    if (log.lastStep() < 0) {
      return "no step yet";
    }
    var status = new StringBuilder();
    Optional<Long> steps = steps();
    status.append(
        steps.isPresent()
            ? String.format(Locale.ROOT, "step %,d of %,d", log.lastStep(), steps.get())
            : String.format(Locale.ROOT, "step %,d", log.lastStep()));
    last("loss").ifPresent(loss -> status.append(", loss ").append(PythonText.fixed(loss, 4)));
    last("validation_loss")
        .ifPresent(loss -> status.append(", validation ").append(PythonText.fixed(loss, 4)));
    last("seconds")
        .filter(seconds -> steps.isPresent() && steps.get() > log.lastStep())
        .ifPresent(seconds ->
            status
                .append(", about ")
                .append(duration(seconds * (steps.orElse(0L) - log.lastStep())))
                .append(" left"));
    if (steps.filter(all -> all <= log.lastStep()).isPresent()) {
      status.append(", finished");
    }
    log.test().ifPresent(test -> status.append(tested(test)));
    if (log.unread() > 0) {
      status.append(
          String.format(
              Locale.ROOT, "; %,d lines of log.jsonl hold no numbers of a step", log.unread()));
    }
    return status.toString();
  }

  /// The scores of the test part.
  private static String tested(JsonObject test) {
    var text = new StringBuilder("; test");
    test.number("test_loss")
        .ifPresent(loss -> text.append(" loss ").append(PythonText.fixed(loss, 4)));
    test.object("scores")
        .ifPresent(scores ->
            scores
                .keys()
                .forEach(name ->
                    scores
                        .number(name)
                        .ifPresent(score ->
                            text.append(", ")
                                .append(name)
                                .append(' ')
                                .append(PythonText.fixed(score, 2)))));
    return text.toString();
  }

  private Optional<Double> last(String key) {
    return Optional.ofNullable(log.columns().get(key)).map(RunLog.Column::last);
  }

  private static String duration(double seconds) {
    return seconds < 90
        ? String.format(Locale.ROOT, "%.0f s", seconds)
        : seconds < 5400
            ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  /// The steps in all, as the run's record has them.
  private Optional<Long> steps() {
    try {
      return JsonObject.read(folder.resolve("run.json"))
          .value("steps")
          .map(value -> Long.parseLong(value.toString()));
    } catch (IllegalArgumentException | MalformedFileException e) {
      return Optional.empty(); // no record, or one that is being replaced
    }
  }

  /// The curves of what has come so far.
  ///
  /// @throws IOException if the log cannot be read
  public synchronized List<LineChart> charts() throws IOException {
    log.follow();
    return drawn();
  }

  private List<LineChart> drawn() {
    var charts = new ArrayList<LineChart>();
    charts.add(chart("Loss", "cross entropy", "loss", "training", "validation_loss", "validation"));
    charts.add(chart("Learning rate", "rate", "rate", "rate"));
    charts.add(chart("Gradient norm", "norm", "norm", "norm"));
    throughput().ifPresent(charts::add);
    memory().ifPresent(charts::add);
    for (String key : keys()) {
      if (!OWN.contains(key)) {
        String title = ScoreTitle.of(key.startsWith(SCORES) ? key.substring(SCORES.length()) : key);
        charts.add(chart(title, key.startsWith(SCORES) ? "score" : title, key, title));
      }
    }
    charts.removeIf(LineChart::isEmpty);
    return charts;
  }

  /// The keys of the log, the score by which the best model is chosen before all.
  private List<String> keys() {
    List<String> keys = new ArrayList<>(log.columns().keySet());
    String first = SCORES + select();
    if (keys.remove(first)) {
      keys.addFirst(first);
    }
    return keys;
  }

  private String select() {
    try {
      return JsonObject.read(folder.resolve("history.json"))
          .object("settings")
          .flatMap(settings -> settings.string("select"))
          .orElse("");
    } catch (IllegalArgumentException | MalformedFileException | UncheckedIOException e) {
      return ""; // no history, or one that is being replaced
    }
  }

  /// A chart of keys and what their lines are called.
  private LineChart chart(String title, String up, String... keysAndNames) {
    var series = new ArrayList<Series>();
    for (int i = 0; i < keysAndNames.length; i += 2) {
      RunLog.Column column = log.columns().get(keysAndNames[i]);
      if (column != null) {
        series.add(new Series(keysAndNames[i + 1], column.steps(), column.values()));
      }
    }
    return new LineChart(title, "step", up, series);
  }

  private Optional<LineChart> throughput() {
    RunLog.Column tokens = log.columns().get("tokens");
    RunLog.Column seconds = log.columns().get("seconds");
    if (tokens == null || seconds == null) {
      return Optional.empty();
    }
    double[] rates = tokens.values();
    double[] times = seconds.values();
    if (rates.length != times.length) {
      return Optional.empty();
    }
    for (int i = 0; i < rates.length; i++) {
      rates[i] = times[i] > 0 ? rates[i] / times[i] : Double.NaN;
    }
    return Optional.of(
        new LineChart(
            "Throughput",
            "step",
            "tokens a second",
            List.of(new Series("tokens a second", tokens.steps(), rates))));
  }

  private Optional<LineChart> memory() {
    return Optional.ofNullable(log.columns().get("memory"))
        .map(column -> {
          double[] values = column.values();
          for (int i = 0; i < values.length; i++) {
            values[i] /= 1 << 20;
          }
          return new LineChart(
              "Memory", "step", "peak, MiB", List.of(new Series("peak", column.steps(), values)));
        });
  }
}
