package dev.quintet.app.report;

import dev.quintet.app.chart.ChartStyle;
import dev.quintet.app.chart.Html;
import dev.quintet.app.chart.LineChart;
import java.util.List;
import java.util.stream.Collectors;

/// Writes sections as a page that needs no script, no network and no other file, light or dark as the reader's system is.
public final class ReportPage {
  private static final int LONGEST = 1200;
  private static final String STYLE =
      """
      main { max-width: 1100px; }
      h1 { font-size: 24px; }
      h2 { font-size: 19px; margin: 32px 0 8px; padding-top: 12px; border-top: 1px solid var(--rule); }
      nav { margin: 12px 0; display: flex; flex-wrap: wrap; gap: 4px 14px; }
      a { color: var(--line-0); }
      .scroll { overflow-x: auto; margin: 8px 0; max-width: 100%; }
      table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
      th, td { padding: 4px 10px; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
      th { color: var(--quiet); font-weight: 600; }
      td.text { min-width: 10.5em; max-width: 34em; overflow-wrap: anywhere; white-space: pre-wrap; }
      th.number, td.number { text-align: right; white-space: nowrap; }
      .warning { border-left: 4px solid var(--line-1); padding: 4px 10px; background: var(--card); margin: 8px 0; }
      details { margin: 8px 0; border: 1px solid var(--rule); border-radius: 6px; padding: 6px 10px; min-width: 0; }
      summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
      pre { overflow-x: auto; margin: 8px 0; font: 13px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
      .example { background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 8px; margin: 8px 0; }
      .example p { display: grid; grid-template-columns: 6em minmax(0, 1fr); gap: 8px; white-space: pre-wrap; }
      .example b { color: var(--quiet); font-weight: 500; }
      @media print { details { break-inside: avoid; } nav { display: none; } }
      """;

  private final StringBuilder html = new StringBuilder();

  private ReportPage() {}

  /// By this near its beginning a page is known to be of a command, which may write it anew.
  ///
  /// @param command its name
  public static String mark(String command) {
    return "<meta name=\"generator\" content=\"quintet %s\">".formatted(command);
  }

  /// The page of a report.
  ///
  /// @param lead what stands above all sections
  public static String of(String title, List<Block> lead, List<Block.Section> sections) {
    return of("report", title, lead, sections);
  }

  /// The page.
  ///
  /// @param command by whose [#mark] it is known
  /// @param lead what stands above all sections
  public static String of(
      String command, String title, List<Block> lead, List<Block.Section> sections) {
    var page = new ReportPage();
    page.html
        .append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append(mark(command))
        .append("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n")
        .append("<link rel=\"icon\" href=\"data:,\">\n<title>")
        .append(Html.escape(title))
        .append("</title>\n<style>")
        .append(ChartStyle.css())
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<main>\n<h1>")
        .append(Html.escape(title))
        .append("</h1>\n");
    lead.forEach(page::block);
    page.html.append("<nav aria-label=\"Sections\">");
    for (int i = 0; i < sections.size(); i++) {
      page.html.append(
          "<a href=\"#part-%d\">%s</a>".formatted(i, Html.escape(sections.get(i).title())));
    }
    page.html.append("</nav>\n");
    for (int i = 0; i < sections.size(); i++) {
      page.html.append(
          "<section>\n<h2 id=\"part-%d\">%s</h2>\n"
              .formatted(i, Html.escape(sections.get(i).title())));
      sections.get(i).blocks().forEach(page::block);
      page.html.append("</section>\n");
    }
    return page.html.append("</main>\n</body>\n</html>\n").toString();
  }

  private void block(Block block) {
    switch (block) {
      case Block.Text text -> element("p", "", text.text());
      case Block.Note note -> element("p", "quiet", note.text());
      case Block.Warning warning -> element("p", "warning", warning.text());
      case Block.Source source -> element("pre", "", source.text());
      case Block.Table table -> table(table);
      case Block.Charts charts -> charts(charts.charts());
      case Block.Picture picture ->
          html.append("<figure>").append(picture.svg()).append("</figure>\n");
      case Block.Folded folded -> {
        html.append("<details><summary>")
            .append(Html.escape(folded.title()))
            .append("</summary>\n");
        folded.blocks().forEach(this::block);
        html.append("</details>\n");
      }
      case Block.Example example -> example(example);
    }
  }

  private void element(String name, String kind, String text) {
    html.append('<').append(name);
    if (!kind.isEmpty()) {
      html.append(" class=\"").append(kind).append('"');
    }
    html.append('>').append(Html.escape(text)).append("</").append(name).append(">\n");
  }

  private void charts(List<LineChart> charts) {
    html.append("<div class=\"charts\">\n");
    charts.forEach(chart -> html.append("<figure>").append(chart.svg()).append("</figure>\n"));
    html.append("</div>\n");
  }

  private void table(Block.Table table) {
    html.append("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>");
    cells("th", table.head(), table.texts());
    html.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : table.rows()) {
      html.append("<tr>");
      cells("td", row, table.texts());
      html.append("</tr>\n");
    }
    html.append("</tbody></table></div>\n");
  }

  private void cells(String name, List<String> cells, int texts) {
    for (int i = 0; i < cells.size(); i++) {
      html.append(
          "<%s class=\"%s\">%s</%s>"
              .formatted(
                  name, i < texts ? "text" : "number", Html.escape(shortened(cells.get(i))), name));
    }
  }

  private void example(Block.Example example) {
    html.append("<div class=\"example\">\n");
    line("row", example.title());
    line("source", example.source());
    line(
        "wanted",
        example.targets().size() == 1
            ? example.targets().getFirst()
            : example.targets().stream().collect(Collectors.joining("\nor ")));
    line("answered", example.answer());
    html.append("</div>\n");
  }

  private void line(String label, String text) {
    html.append(
        "<p><b>%s</b><span>%s</span></p>\n"
            .formatted(label, text.isBlank() ? "<i>nothing</i>" : Html.escape(shortened(text))));
  }

  /// A text of a row as far as it is shown, and how much is not.
  private static String shortened(String text) {
    int count = text.codePointCount(0, text.length());
    return count <= LONGEST
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST))
            + " \u2026 (%s characters more)".formatted(Words.count(count - LONGEST));
  }
}
