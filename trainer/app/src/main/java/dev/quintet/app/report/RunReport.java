package dev.quintet.app.report;

import dev.quintet.app.chart.LineChart;
import dev.quintet.app.watch.RunView;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.trainer.evaluate.ErrorAnalysis;
import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.metric.Metric;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What a run did and what came of it: data, settings, curves, scores with intervals beside those of baselines and of the
/// model before, where it is wrong, and where it ran. Made of the run's folder alone, at any time.
public final class RunReport {
  /// The page's name.
  public static final String PAGE = "report.html";

  /// The name of the file of numbers.
  public static final String NUMBERS = "report.json";

  private static final String MARK = "quintet_report";

  private final RunFolder folder;
  private final RunPart run;
  private final List<LineChart> charts;
  private final Optional<Scores> scores;
  private final Optional<Scores> start;
  private final Optional<ErrorPart> errors;
  private final List<String> remarks = new ArrayList<>();

  private RunReport(RunFolder folder) throws IOException {
    this.folder = folder;
    run = new RunPart(folder);
    charts = new RunView(folder.path()).charts();
    SequencedMap<String, Metric> metrics = folder.metrics();
    Optional<List<Prediction>> test = folder.predictions("test");
    Optional<List<Prediction>> validation = folder.bestValidation();
    scores = metrics.isEmpty() ? Optional.empty() : scored(metrics, test, validation);
    start = metrics.isEmpty() ? Optional.empty() : validation.flatMap(rows -> begun(metrics, rows));
    errors =
        metrics.isEmpty()
            ? Optional.empty()
            : test.map(rows -> errors("the test part", rows, metrics))
                .or(() -> validation.map(rows -> errors("the validation part", rows, metrics)));
  }

  /// Reads a run's folder.
  ///
  /// @throws IllegalArgumentException if it is no folder, or none of a run
  /// @throws UncheckedIOException if a file of it cannot be read
  public static RunReport of(Path folder) {
    try {
      return new RunReport(RunFolder.read(folder));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the run in " + folder + ": " + e, e);
    }
  }

  private Optional<Scores> scored(
      SequencedMap<String, Metric> metrics,
      Optional<List<Prediction>> test,
      Optional<List<Prediction>> validation) {
    return test.map(rows -> Scores.of("the test part", metrics, rows, baselines(rows)))
        .or(() ->
            validation.map(
                rows -> Scores.of("the validation part", metrics, rows, baselines(rows))))
        .map(all -> all.leadBy(folder.select()));
  }

  private SequencedMap<String, List<String>> baselines(List<Prediction> rows) {
    SequencedMap<String, List<String>> found =
        folder.baselines(rows.stream().map(Prediction::sample).toList());
    if (found.isEmpty()) {
      remarks.add(
          "There is no comparison with baselines: baselines.jsonl is missing or of other rows. It is written at the end of a run whose training rows are pairs in memory.");
    }
    return found;
  }

  /// The best model beside the one before the training, on the validation rows.
  private Optional<Scores> begun(SequencedMap<String, Metric> metrics, List<Prediction> best) {
    return folder
        .predictions("0")
        .filter(rows ->
            rows.stream()
                .map(Prediction::sample)
                .toList()
                .equals(best.stream().map(Prediction::sample).toList()))
        .map(rows -> {
          var others = new LinkedHashMap<String, List<String>>();
          others.put("start", rows.stream().map(row -> row.reply().text()).toList());
          return Scores.of("the validation part", metrics, best, others).leadBy(folder.select());
        });
  }

  private ErrorPart errors(
      String part, List<Prediction> rows, SequencedMap<String, Metric> metrics) {
    return new ErrorPart(
        part, ErrorAnalysis.of(rows, metrics.firstEntry().getValue(), folder.measure()));
  }

  /// How the run ended, in a sentence.
  public String state() {
    return run.state();
  }

  /// The page, which needs nothing else.
  public String html() {
    var lead = new ArrayList<Block>();
    lead.add(run.isWhole() ? new Block.Text(run.state()) : new Block.Warning(run.state()));
    scores
        .filter(all -> !all.lines().isEmpty())
        .ifPresent(all -> {
          Scores.Line first = all.lines().getFirst();
          lead.add(
              new Block.Text(
                  "%s on %s: %s, 95 %% interval %s to %s, n = %s."
                      .formatted(
                          first.name(),
                          all.part(),
                          Words.score(first.value()),
                          Words.score(first.interval().low()),
                          Words.score(first.interval().high()),
                          Words.count(all.rows()))));
        });
    var sections = new ArrayList<Block.Section>();
    sections.add(new Block.Section("Run", List.of(run.overview())));
    sections.add(new Block.Section("Scores", scoreBlocks()));
    if (scores.stream().anyMatch(all -> all.lines().stream().anyMatch(l -> !l.rivals().isEmpty()))
        || start.isPresent()
        || !remarks.isEmpty()) {
      sections.add(new Block.Section("Comparison", comparison()));
    }
    sections.add(
        new Block.Section(
            "Course",
            charts.isEmpty()
                ? List.of(new Block.Text("The log has no step yet."))
                : List.of(new Block.Charts(charts))));
    errors.ifPresent(part -> sections.add(new Block.Section("Errors", part.blocks())));
    sections.add(new Block.Section("Data", new DataPart(folder).blocks()));
    sections.add(new Block.Section("Settings", run.settings()));
    sections.add(new Block.Section("Environment", run.environment()));
    return ReportPage.of("Report of " + name(), lead, sections);
  }

  private String name() {
    return String.valueOf(folder.path().toAbsolutePath().normalize().getFileName());
  }

  private List<Block> scoreBlocks() {
    var blocks = new ArrayList<Block>();
    folder
        .test()
        .ifPresent(test -> {
          int looks = test.integer("looks").orElse(1);
          String text =
              "The test part (%s rows) was scored by the best model, after step %s: loss %s. It was looked at %s."
                  .formatted(
                      test.whole("rows").map(Words::count).orElse("?"),
                      test.whole("best_step").map(Words::count).orElse("?"),
                      test.value("loss").map(RunReport::number).orElse("?"),
                      looks == 1 ? "once" : looks + " times");
          blocks.add(
              looks == 1
                  ? new Block.Text(text)
                  : new Block.Warning(
                      text + " What was chosen after an earlier look is flattered by it."));
        });
    if (scores.isEmpty()) {
      blocks.add(
          new Block.Text(
              "No answers were scored: the settings ask for no metrics (evaluate.metrics), or the run ended before its first evaluation."));
      return blocks;
    }
    Scores found = scores.orElseThrow();
    if (!found.part().equals("the test part")) {
      blocks.add(
          new Block.Warning(
              "These are scores of the validation part, by which the best model was chosen: they flatter it. "
                  + (run.isWhole()
                      ? "The run has no test part."
                      : "The test part is scored at the end of a run.")));
    }
    blocks.addAll(new ScorePart(found).blocks());
    return blocks;
  }

  private static String number(Object value) {
    return value instanceof Number number ? Words.score(number.doubleValue()) : value.toString();
  }

  private List<Block> comparison() {
    var blocks = new ArrayList<Block>();
    remarks.forEach(remark -> blocks.add(new Block.Text(remark)));
    scores
        .filter(all -> all.lines().stream().anyMatch(line -> !line.rivals().isEmpty()))
        .ifPresent(all -> {
          blocks.add(
              new Block.Text(
                  "Beside answers that need no model: always the most frequent answer of the training, the first sentence of the source, and the answer of the training source that is most similar."));
          blocks.addAll(new ScorePart(all).comparison());
        });
    start.ifPresentOrElse(
        all -> {
          blocks.add(
              new Block.Text(
                  "Beside the model before the training, on the validation rows; the best model was chosen by them, which flatters it:"));
          blocks.addAll(new ScorePart(all).comparison());
        },
        () ->
            blocks.add(
                new Block.Text(
                    "The model before the training did not answer these rows, so there is no comparison with it.")));
    return blocks;
  }

  /// All numbers.
  public Map<String, Object> numbers() {
    var json = new LinkedHashMap<String, Object>();
    json.put(MARK, 1);
    json.put("run", name());
    json.put("state", run.state());
    json.put("history", folder.history());
    json.put("course", folder.course().json());
    folder.test().ifPresent(test -> json.put("test", test));
    scores.ifPresent(all -> json.put("scores", all.json()));
    start.ifPresent(all -> json.put("beside_start", all.json()));
    errors.ifPresent(part -> json.put("errors", part.json()));
    folder.data().ifPresent(data -> json.put("data", data));
    json.put("remarks", List.copyOf(remarks));
    return json;
  }

  /// Writes `report.html` and `report.json` into the folder, in place of an earlier report.
  ///
  /// @throws UncheckedIOException if they cannot be written, or something else has their name
  public void write() {
    Path page = folder.path().resolve(PAGE);
    Path numbers = folder.path().resolve(NUMBERS);
    String html = html();
    String json = JsonText.of(numbers()) + "\n";
    refuseOthers(page, "content=\"quintet report\"");
    refuseOthers(numbers, "\"" + MARK + "\"");
    AtomicFile.write(page, html);
    AtomicFile.write(numbers, json);
  }

  /// Refuses a file that is no earlier report.
  private static void refuseOthers(Path file, String mark) {
    if (!Files.exists(file)) {
      return;
    }
    try (var in = Files.newInputStream(file)) {
      String begin = new String(in.readNBytes(1000), StandardCharsets.UTF_8);
      if (!begin.contains(mark)) {
        throw new FileAlreadyExistsException(
            file.toString(), null, "it is no report of a run and is not overwritten; move it away");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
