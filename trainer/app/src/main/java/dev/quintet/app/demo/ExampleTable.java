package dev.quintet.app.demo;

import java.util.ArrayList;
import java.util.List;

/// A few guesses side by side as plain text, at most 100 columns wide.
///
/// @param rows what to show, in order
public record ExampleTable(List<Row> rows) {
  private static final int WIDTH = 100;
  private static final String GAP = "  ";
  private static final String RIGHT = "* ";
  private static final String WRONG = "  ";
  private static final String CUT = "..";

  /// One method and what it was taken for.
  ///
  /// @param className its class
  /// @param name its name
  /// @param guess the model's words, joined by spaces
  /// @param neighbour the words of its nearest neighbour's name, joined by spaces
  /// @param text what the model saw of it
  public record Row(String className, String name, String guess, String neighbour, String text) {
    /// A row for a method of a split.
    public static Row of(MethodExample method, String guess, String neighbour) {
      return new Row(method.className(), method.name(), guess, neighbour, method.source());
    }
  }

  /// Copies the list.
  public ExampleTable {
    rows = List.copyOf(rows);
  }

  /// The table, each row with the beginning of the method's text below it; exact guesses are starred.
  public String render() {
    var lines = new ArrayList<List<String>>();
    lines.add(List.of("class", "its method", WRONG + "the model", WRONG + "nearest neighbour"));
    for (Row row : rows) {
      lines.add(
          List.of(
              row.className(),
              row.name(),
              starred(row.guess(), row.name()),
              starred(row.neighbour(), row.name())));
    }
    int[] widths = widths(lines);
    var text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      append(text, lines.get(i), widths);
      if (i == 0) {
        append(text, rule(widths), widths);
      } else {
        append(text, List.of("    " + rows.get(i - 1).text()), new int[] {WIDTH});
      }
    }
    return text.append(
            "(* exactly the method's name; below each method what the model reads of it)\n")
        .toString();
  }

  private static String starred(String guess, String name) {
    var words = List.of(guess.strip().split("\\s+"));
    return (words.equals(JavaWords.split(name)) ? RIGHT : WRONG) + JavaWords.join(words);
  }

  /// Each column as wide as its widest cell; while that is too much, the widest column gives way.
  private static int[] widths(List<List<String>> lines) {
    int[] widths = new int[lines.getFirst().size()];
    for (var line : lines) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], columns(line.get(column)));
      }
    }
    int room = WIDTH - GAP.length() * (widths.length - 1);
    for (int total = total(widths); total > room; total--) {
      int widest = 0;
      for (int column = 1; column < widths.length; column++) {
        widest = widths[column] > widths[widest] ? column : widest;
      }
      widths[widest]--;
    }
    return widths;
  }

  private static int total(int[] widths) {
    int total = 0;
    for (int width : widths) {
      total += width;
    }
    return total;
  }

  private static List<String> rule(int[] widths) {
    var rule = new ArrayList<String>();
    for (int width : widths) {
      rule.add("-".repeat(width));
    }
    return rule;
  }

  private static void append(StringBuilder text, List<String> cells, int[] widths) {
    var line = new StringBuilder();
    for (int column = 0; column < cells.size(); column++) {
      String cell = cells.get(column);
      if (columns(cell) > widths[column]) {
        int end = cell.offsetByCodePoints(0, widths[column] - CUT.length());
        cell = cell.substring(0, end) + CUT;
      }
      line.append(cell).append(" ".repeat(widths[column] - columns(cell))).append(GAP);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private static int columns(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
