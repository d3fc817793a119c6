package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingStart;
import dev.quintet.trainer.prepare.DataReport;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// Writes what was prepared beside a run, and says it.
///
/// @param file `data.json`
/// @param report what it holds
/// @param say told what people want to know of it
record DataReportFile(Path file, DataReport report, Consumer<String> say)
    implements TrainingListener {

  @Override
  public List<Path> writes() {
    return List.of(file);
  }

  @Override
  public void started(TrainingStart start) {
    AtomicFile.write(file, JsonText.of(report) + "\n");
    DataCommand.lines(report).forEach(say);
    report.remarks().forEach(say);
  }
}
