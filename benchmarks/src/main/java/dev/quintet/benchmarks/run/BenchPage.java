package dev.quintet.benchmarks.run;

import dev.quintet.app.chart.ChartStyle;
import dev.quintet.app.chart.Html;
import dev.quintet.app.report.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A run as one page that needs no script, no network and no other file, light or dark as the reader's system is.
final class BenchPage {
  /// By this a page is known to be bench's, which may be written anew.
  static final String MARK = "<meta name=\"generator\" content=\"quintet bench\">";

  private static final String STYLE =
      """
      main { max-width: 1100px; }
      h1 { font-size: 24px; }
      h2 { font-size: 19px; margin: 32px 0 8px; padding-top: 12px; border-top: 1px solid var(--rule); }
      .scroll { overflow-x: auto; margin: 8px 0; max-width: 100%; }
      table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
      th, td { padding: 4px 10px; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
      th { color: var(--quiet); font-weight: 600; }
      th.number, td.number { text-align: right; white-space: nowrap; }
      .warning { border-left: 4px solid var(--line-1); padding: 4px 10px; background: var(--card); margin: 8px 0; }
      figure { margin: 12px 0; }
      svg.chart .roof { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
      svg.chart .roof.one { stroke-dasharray: 4 3; }
      svg.chart .even { stroke: var(--text); stroke-width: 1.5; }
      svg.chart .spread { stroke: var(--text); stroke-width: 1; }
      svg.chart text.name { fill: var(--text); }
      svg.chart circle.hollow { fill: var(--card); stroke-width: 1.5; }
      """;

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
    var html = new StringBuilder();
    html.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append(MARK)
        .append("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n")
        .append(
            "<link rel=\"icon\" href=\"data:,\">\n<title>Quintet beside its peers</title>\n<style>")
        .append(ChartStyle.css())
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<main>\n<h1>Quintet beside its peers</h1>\n");
    paragraph(html, "quiet", "./quintet bench " + report.preset() + ", " + report.at());
    if (!report.complete()) {
      paragraph(html, "warning", "The run has not come to its end: rows are missing.");
    }
    Quiet.remark(report).ifPresent(said -> paragraph(html, "warning", said));
    var ratios = new RatioChart(report.contests());
    if (!ratios.isEmpty()) {
      html.append("<h2>How many times as fast as each peer</h2>\n<figure>")
          .append(ratios.svg())
          .append("</figure>\n");
      paragraph(
          html,
          "quiet",
          "Medians over turns; the thin line goes from the lowest to the highest turn. Right of the line at 1, Quintet is faster.");
    }
    var roofline = new RooflineChart(report);
    if (!roofline.isEmpty()) {
      html.append("<h2>Under the machine's roof</h2>\n<figure>")
          .append(roofline.svg())
          .append("</figure>\n");
      paragraph(
          html,
          "quiet",
          "Operations a second over operations for each byte that must move; filled: Quintet, hollow: peers. The roof is what this"
              + " machine was measured to do on all threads (full line) and on one (dashed). Above the slope are those whose operands"
              + " stay in a cache.");
    }
    html.append("<h2>All rows</h2>\n");
    var table = new BenchTable(report, baseline);
    table(html, table.table());
    table.remarks().forEach(remark -> paragraph(html, "quiet", remark));
    html.append("<h2>The machine</h2>\n");
    facts(report).forEach(fact -> paragraph(html, "", fact));
    return html.append("</main>\n</body>\n</html>\n").toString();
  }

  private static void paragraph(StringBuilder html, String kind, String text) {
    html.append("<p")
        .append(kind.isEmpty() ? "" : " class=\"" + kind + "\"")
        .append('>')
        .append(Html.escape(text))
        .append("</p>\n");
  }

  private static void table(StringBuilder html, Block.Table table) {
    html.append("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>");
    row(html, "th", table.head(), table.texts());
    html.append("</tr></thead>\n<tbody>\n");
    for (List<String> cells : table.rows()) {
      html.append("<tr>");
      row(html, "td", cells, table.texts());
      html.append("</tr>\n");
    }
    html.append("</tbody></table></div>\n");
  }

  private static void row(StringBuilder html, String name, List<String> cells, int texts) {
    for (int i = 0; i < cells.size(); i++) {
      html.append(
          "<%s class=\"%s\">%s</%s>"
              .formatted(name, i < texts ? "text" : "number", Html.escape(cells.get(i)), name));
    }
  }
}
