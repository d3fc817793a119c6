package dev.quintet.app.report;

import dev.quintet.app.chart.LineChart;
import java.util.List;

/// A piece of a report's page. All texts are plain: [ReportPage] alone writes markup.
public sealed interface Block {

  /// A paragraph.
  record Text(String text) implements Block {}

  /// What a reader must not overlook.
  record Warning(String text) implements Block {}

  /// A table.
  ///
  /// @param head the columns' names
  /// @param rows as many cells each
  /// @param texts how many of the first columns are texts; all others are numbers
  record Table(List<String> head, List<List<String>> rows, int texts) implements Block {}

  /// Curves.
  record Charts(List<LineChart> charts) implements Block {}

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
