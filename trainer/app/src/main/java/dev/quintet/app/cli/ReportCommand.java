package dev.quintet.app.cli;

import dev.quintet.app.report.RunReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `report`: writes the report of a run anew.
@Command(
    name = "report",
    description = {
      "Writes DIR/report.html and DIR/report.json anew from what a run left in its folder: scores with intervals, baselines, curves,"
          + " errors, data, settings, environment. train writes them at its end; this does after a kill.",
      "The page needs no network and no other file."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class ReportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "The folder of a run, train's \"out\".")
  private Path folder = Path.of("");

  /// Made by picocli.
  ReportCommand() {}

  @Override
  public Integer call() {
    RunReport report = RunReport.of(folder);
    report.write();
    PrintWriter to = spec.commandLine().getOut();
    to.println(report.state());
    to.println("report: " + folder.resolve(RunReport.PAGE));
    to.flush();
    return 0;
  }
}
