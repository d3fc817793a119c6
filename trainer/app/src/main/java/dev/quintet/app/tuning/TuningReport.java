package dev.quintet.app.tuning;

import dev.quintet.app.report.Block;
import dev.quintet.app.report.ReportPage;
import dev.quintet.app.report.Words;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a comparison leaves behind: lines for the console, a page, its numbers, and a picture of the curves.
public final class TuningReport {
  /// The page's name.
  public static final String PAGE = "report.html";

  /// The name of the file of numbers.
  public static final String NUMBERS = "report.json";

  /// The picture's name.
  public static final String PICTURE = "curves.png";

  private final Comparison comparison;
  private final Map<String, String> about;
  private final Tables tables;

  /// @param about what a reader has to know of base, data and machine: name and text
  public TuningReport(Comparison comparison, Map<String, String> about) {
    this.comparison = comparison;
    this.about = new LinkedHashMap<>(about);
    tables = new Tables(comparison);
  }

  /// Whether what the paper says holds here, a paragraph each, and what adapters were worth on other tasks.
  public List<String> words() {
    var claims = new Claims(comparison);
    var words = new ArrayList<>(List.of(claims.ranking(), claims.convergence()));
    comparison
        .design()
        .transfer()
        .ifPresent(transfer -> words.addAll(new TransferWords(comparison, transfer).words()));
    return words;
  }

  /// All of it for the console.
  public String text() {
    var text = new StringBuilder();
    for (Design.Task task : comparison.design().tasks()) {
      text.append("%n%s, %s%n".formatted(task.name(), seeds()));
      text.append(tables.task(task).text());
    }
    text.append("\nover all tasks\n").append(tables.overall().text());
    comparison
        .design()
        .transfer()
        .ifPresent(transfer ->
            transfer
                .methods()
                .forEach(method ->
                    text.append("%ntransfer, %s%n".formatted(method))
                        .append(tables.transfer(method).text())));
    tables.failed().ifPresent(failed -> text.append('\n').append(failed).append('\n'));
    text.append('\n');
    words().forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }

  /// Writes page, numbers and picture.
  ///
  /// @return why there is no picture; nothing where there is one
  /// @throws java.io.UncheckedIOException if they cannot be written
  public Optional<String> write(Path out) {
    AtomicFile.write(out.resolve(PAGE), page());
    AtomicFile.write(out.resolve(NUMBERS), JsonText.of(json()) + "\n");
    try {
      var curves = new Curves(comparison);
      CurvePicture.write(
          comparison.design().tasks().stream().map(curves::bySteps).toList(), out.resolve(PICTURE));
      return Optional.empty();
    } catch (Exception | LinkageError e) {
      return Optional.of("no picture of the curves: " + e);
    }
  }

  private String seeds() {
    int seeds = comparison.design().seeds().size();
    return seeds == 1 ? "one seed" : "mean of %d seeds".formatted(seeds);
  }

  private String page() {
    Design design = comparison.design();
    var lead = new ArrayList<Block>();
    words().forEach(line -> lead.add(new Block.Text(line)));
    tables.failed().ifPresent(failed -> lead.add(new Block.Warning(failed)));
    var sections = new ArrayList<Block.Section>();
    sections.add(
        new Block.Section(
            "Over all tasks",
            List.of(
                tables.overall(),
                new Block.Text(
                    "Places are by the score, 1 for the best. A training comes to "
                        + tables.mark()
                        + " where its validation score is that share of the best of "
                        + design.reference()
                        + " on the same task with the same seed; one that never does counts with all its steps."))));
    var curves = new Curves(comparison);
    sections.add(
        new Block.Section(
            "Curves",
            List.of(
                new Block.Charts(design.tasks().stream().map(curves::bySteps).toList()),
                new Block.Charts(design.tasks().stream().map(curves::bySeconds).toList()))));
    for (Design.Task task : design.tasks()) {
      sections.add(
          new Block.Section(
              task.name(),
              List.of(
                  new Block.Text("Scores on the test part, " + seeds() + "."), tables.task(task))));
    }
    design
        .transfer()
        .ifPresent(transfer -> {
          var blocks = new ArrayList<Block>();
          blocks.add(
              new Block.Text(
                  "Scores on the test part without a step on the new task, and after %s."
                      .formatted(Words.count(transfer.steps()))));
          transfer
              .methods()
              .forEach(method -> {
                blocks.add(new Block.Text(method));
                blocks.add(tables.transfer(method));
              });
          sections.add(new Block.Section("Transfer", blocks));
        });
    sections.add(
        new Block.Section(
            "What was compared",
            List.of(
                new Block.Table(
                    List.of("", ""),
                    about.entrySet().stream()
                        .map(one -> List.of(one.getKey(), one.getValue()))
                        .toList(),
                    2))));
    return ReportPage.of("Tuning compared", lead, sections);
  }

  private Map<String, Object> json() {
    Design design = comparison.design();
    var json = new LinkedHashMap<String, Object>();
    json.put("about", about);
    json.put("words", words());
    var tasks = new LinkedHashMap<String, Object>();
    for (Design.Task task : design.tasks()) {
      var methods = new LinkedHashMap<String, Object>();
      for (Design.Method method : design.methods()) {
        comparison
            .cell(task.name(), method.name())
            .ifPresent(cell -> methods.put(method.name(), json(task.name(), method.name(), cell)));
      }
      tasks.put(task.name(), Map.of("score", task.score(), "methods", methods));
    }
    json.put("tasks", tasks);
    var overall = new LinkedHashMap<String, Object>();
    for (Design.Method method : design.methods()) {
      var one = new LinkedHashMap<String, Object>();
      comparison.rank(method.name()).ifPresent(rank -> one.put("mean_place", rank));
      comparison.overall(method.name()).ifPresent(score -> one.put("score", score(score)));
      comparison.speed(method.name()).ifPresent(speed -> one.put("convergence", speed(speed)));
      overall.put(method.name(), one);
    }
    json.put("overall", overall);
    design.transfer().ifPresent(transfer -> json.put("transfer", transfer(transfer)));
    json.put(
        "failed",
        comparison.failures().stream()
            .map(failure -> Map.of("trial", failure.trial().label(), "reason", failure.reason()))
            .toList());
    return json;
  }

  private Map<String, Object> json(String task, String method, Cell cell) {
    var json = new LinkedHashMap<String, Object>();
    json.put("score", score(cell.score()));
    comparison.rank(task, method).ifPresent(rank -> json.put("place", rank));
    json.put("seeds", cell.seeds());
    json.put("trained", cell.trained());
    json.put("parameters", cell.parameters());
    json.put("peak_bytes", cell.peakBytes());
    json.put("checkpoint_bytes", cell.checkpointBytes());
    json.put("model_bytes", cell.modelBytes());
    json.put("step_seconds", cell.stepSeconds());
    json.put("steps", cell.steps());
    comparison.speed(task, method).ifPresent(speed -> json.put("convergence", speed(speed)));
    return json;
  }

  private static Map<String, Object> score(Score score) {
    var json = new LinkedHashMap<String, Object>();
    json.put("value", score.value());
    json.put("low", score.low());
    json.put("high", score.high());
    return json;
  }

  private static Map<String, Object> speed(Speed speed) {
    var json = new LinkedHashMap<String, Object>();
    json.put("reached", speed.reached());
    json.put("of", speed.of());
    json.put("steps", score(speed.steps()));
    json.put("seconds", score(speed.seconds()));
    return json;
  }

  private Map<String, Object> transfer(Design.Transfer transfer) {
    var json = new LinkedHashMap<String, Object>();
    json.put("steps", transfer.steps());
    for (String method : transfer.methods()) {
      var starts = new LinkedHashMap<String, Object>();
      for (Trial.Start start : comparison.design().starts()) {
        var tasks = new LinkedHashMap<String, Object>();
        for (Design.Task task : comparison.design().tasks()) {
          comparison
              .transfer(method, task.name(), start)
              .ifPresent(one -> {
                var both = new LinkedHashMap<String, Object>();
                one.before().ifPresent(before -> both.put("before", score(before)));
                both.put("after", score(one.score()));
                tasks.put(task.name(), both);
              });
        }
        starts.put(start.label(), tasks);
      }
      json.put(method, starts);
    }
    return json;
  }
}
