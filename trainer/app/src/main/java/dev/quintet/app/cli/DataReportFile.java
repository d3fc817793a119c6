package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.trainer.data.EncodedPairs;
import dev.quintet.trainer.loop.TrainingData;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.loop.TrainingStart;
import dev.quintet.trainer.prepare.DataReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// Writes beside a run what was prepared for it and what became of it as tokens, and says it.
final class DataReportFile implements TrainingListener {
  private final Path file;
  private final SequencedMap<String, DataReport> reports;
  private final Consumer<String> say;
  private Optional<TrainingData> data = Optional.empty();

  /// A file of several tasks' reports.
  ///
  /// @param file `data.json`
  /// @param reports by the tasks' names
  /// @param say told what people want to know of it
  DataReportFile(Path file, SequencedMap<String, DataReport> reports, Consumer<String> say) {
    this.say = say;
    this.file = file;
    this.reports = new LinkedHashMap<>(reports);
  }

  /// A file of one report.
  static DataReportFile of(Path file, DataReport report, Consumer<String> say) {
    return new DataReportFile(file, new LinkedHashMap<>(Map.of("", report)), say);
  }

  @Override
  public List<Path> writes() {
    return List.of(file);
  }

  @Override
  public void prepared(TrainingData encoded) {
    data = Optional.of(encoded);
  }

  @Override
  public void started(TrainingStart start) {
    write(start.fromStep());
    reports.forEach((task, report) -> {
      String before = task.isEmpty() ? "" : task + ": ";
      DataCommand.lines(report).forEach(line -> say.accept(before + line));
      report.remarks().forEach(line -> say.accept(before + line));
    });
  }

  @Override
  public void finished(TrainingResult result) {
    if (data.flatMap(TrainingData::tasks).isPresent()) {
      write(result.steps());
    }
  }

  private void write(long steps) {
    var root = new LinkedHashMap<String, Object>();
    Optional.ofNullable(reports.get("")).ifPresent(report -> root.putAll(report.values()));
    data.ifPresent(encoded -> {
      var parts = new LinkedHashMap<String, Object>();
      parts.put("train", part(encoded.train()));
      parts.put("validation", part(encoded.validation()));
      root.put("tokens", parts);
      encoded
          .tasks()
          .ifPresent(tasks -> {
            var seen = tasks.seen(steps);
            var list = new ArrayList<Object>();
            for (var share : tasks.list()) {
              var task = new LinkedHashMap<String, Object>();
              task.put("name", share.name());
              task.put("rate", share.rate());
              task.put("examples_an_epoch", share.places());
              task.put("examples_seen", seen.getOrDefault(share.name(), 0L));
              Optional.ofNullable(reports.get(share.name()))
                  .ifPresent(report -> task.putAll(report.values()));
              list.add(task);
            }
            root.put("tasks", list);
          });
    });
    AtomicFile.write(file, JsonText.of(root) + "\n");
  }

  private static Map<String, Object> part(TrainingData.Part part) {
    var values = new LinkedHashMap<String, Object>();
    values.put("rows", part.rows());
    part.sources().ifPresent(lengths -> values.put("sources", lengths(lengths)));
    part.targets().ifPresent(lengths -> values.put("targets", lengths(lengths)));
    part.windows()
        .ifPresent(counts -> {
          var windows = new LinkedHashMap<String, Object>();
          windows.put("sources_too_long", counts.longer());
          windows.put("windows", counts.windows());
          windows.put("windows_without_answer", counts.withoutAnswer());
          windows.put("rows_without_answer", counts.rowsWithout());
          values.put("windows", windows);
        });
    return values;
  }

  private static Map<String, Object> lengths(EncodedPairs.Lengths lengths) {
    var values = new LinkedHashMap<String, Object>();
    values.put("most", lengths.most());
    values.put("cut", lengths.cut());
    values.put("empty", lengths.empty());
    values.put("longest", lengths.longest());
    if (!lengths.quantiles().isEmpty()) {
      var quantiles = new LinkedHashMap<String, Object>();
      for (int i = 0; i < lengths.quantiles().size(); i++) {
        quantiles.put(
            String.valueOf(EncodedPairs.Lengths.SHARES.get(i)), lengths.quantiles().get(i));
      }
      values.put("quantiles", quantiles);
    }
    return values;
  }
}
