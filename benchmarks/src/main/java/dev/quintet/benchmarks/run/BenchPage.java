package dev.quintet.benchmarks.run;

import dev.quintet.app.report.Block;
import dev.quintet.app.report.ReportPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A run as one page, as [ReportPage] writes them.
final class BenchPage {
  /// By this a page is known to be bench's, which may be written anew.
  static final String MARK = ReportPage.mark("bench");

  private BenchPage() {}

  static boolean isOurs(Path file) {
    try (var reader = Files.newBufferedReader(file)) {
      char[] start = new char[256];
      int count = reader.read(start);
      return count > 0 && new String(start, 0, count).contains(MARK);
    } catch (IOException e) {
      return false;
    }
  }

  /// What a run says of the machine, a line each.
  static List<String> facts(Report report) {
    List<String> facts = new ArrayList<>();
    report.machine().forEach((name, value) -> facts.add(name + ": " + value));
    Roof roof = report.roof();
    facts.add(
        "multiplications and additions: %s GFLOP/s on one thread, %s on %d"
            .formatted(
                Figures.giga(roof.flopsOfOne()), Figures.giga(roof.flops()), roof.threads()));
    facts.add(
        "memory, reading 512 MB: %s GB/s on one thread, %s on %d"
            .formatted(
                Figures.giga(roof.bytesOfOne()), Figures.giga(roof.bytes()), roof.threads()));
    if (report.peaks().size() > 1) {
      facts.add(
          "both are the largest of %d measurements: at the start, and after each row"
              .formatted(report.peaks().size()));
    }
    if (Double.isFinite(report.before().load())) {
      facts.add(
          "before: load %s%s"
              .formatted(
                  Figures.digits(report.before().load()),
                  Double.isFinite(report.before().others())
                      ? ", others took "
                          + Figures.percent(report.before().others())
                          + " of the machine"
                      : ""));
    }
    return facts;
  }

  static String of(Report report, Optional<Baseline> baseline) {
    List<Block> lead = new ArrayList<>();
    lead.add(new Block.Note("./quintet bench " + report.preset() + ", " + report.at()));
    if (!report.complete()) {
      lead.add(new Block.Warning("The run has not come to its end: rows are missing."));
    }
    Quiet.remarks(report).forEach(said -> lead.add(new Block.Warning(said)));
    List<Block.Section> sections = new ArrayList<>();
    var ratios = new RatioChart(report.contests());
    if (!ratios.isEmpty()) {
      sections.add(
          new Block.Section(
              "How many times as fast as each peer",
              List.of(
                  new Block.Picture(ratios.svg()),
                  new Block.Note(
                      "Medians over turns; the thin line goes from the lowest to the highest turn. Right of the line at 1,"
                          + " Quintet is faster."))));
    }
    var roofline = new RooflineChart(report);
    if (!roofline.isEmpty()) {
      sections.add(
          new Block.Section(
              "Under the machine's roof",
              List.of(
                  new Block.Picture(roofline.svg()),
                  new Block.Note(
                      "Operations a second over operations for each byte that must move; filled: Quintet, hollow: peers. The roof"
                          + " is what this machine was measured to do on all threads (full line) and on one (dashed). Above the"
                          + " slope are those whose operands stay in a cache."))));
    }
    var table = new BenchTable(report, baseline);
    List<Block> rows = new ArrayList<>();
    rows.add(table.table());
    table.remarks().forEach(remark -> rows.add(new Block.Note(remark)));
    sections.add(new Block.Section("All rows", rows));
    List<Block> machine = new ArrayList<>();
    facts(report).forEach(fact -> machine.add(new Block.Text(fact)));
    sections.add(new Block.Section("The machine", machine));
    return ReportPage.of("bench", "Quintet beside its peers", lead, sections);
  }
}
