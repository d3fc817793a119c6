package dev.quintet.app.report;

import dev.quintet.app.chart.LineChart;
import java.util.ArrayList;
import java.util.List;

/// A piece of a report's page. All texts are plain: [ReportPage] alone writes markup, and pictures their own.
public sealed interface Block {

  /// A paragraph.
  record Text(String text) implements Block {}

  /// A paragraph that explains what stands beside it, in a quieter colour.
  record Note(String text) implements Block {}

  /// What a reader must not overlook.
  record Warning(String text) implements Block {}

  /// A table.
  ///
  /// @param head the columns' names
  /// @param rows as many cells each
  /// @param texts how many of the first columns are texts; all others are numbers
  record Table(List<String> head, List<List<String>> rows, int texts) implements Block {

    /// The table as lines of plain text, its columns as wide as they have to be, texts to the left and numbers to the right.
    public String text() {
      int[] widths = new int[head.size()];
      var lines = new ArrayList<List<String>>();
      lines.add(head);
      lines.addAll(rows);
      for (List<String> line : lines) {
        for (int i = 0; i < widths.length; i++) {
          widths[i] = Math.max(widths[i], line.get(i).length());
        }
      }
      var text = new StringBuilder();
      for (List<String> line : lines) {
        var row = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
          String space = " ".repeat(widths[i] - line.get(i).length());
          row.append(i == 0 ? "" : "  ")
              .append(i < texts ? line.get(i) + space : space + line.get(i));
        }
        text.append(row.toString().stripTrailing()).append('\n');
      }
      return text.toString();
    }
  }

  /// Curves.
  record Charts(List<LineChart> charts) implements Block {}

  /// A picture, as wide as the page.
  ///
  /// @param svg its markup, in the style of [dev.quintet.app.chart.ChartStyle]
  record Picture(String svg) implements Block {}

  /// What is shown when asked for.
  record Folded(String title, List<Block> blocks) implements Block {}

  /// Text as it is, its lines and spaces kept.
  record Source(String text) implements Block {}

  /// A row with what was wanted of it and what was answered.
  record Example(String title, String source, List<String> targets, String answer)
      implements Block {}

  /// A heading with what belongs to it.
  record Section(String title, List<Block> blocks) {}
}
