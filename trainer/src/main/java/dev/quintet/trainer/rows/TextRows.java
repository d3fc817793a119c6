package dev.quintet.trainer.rows;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Rows of running text: lines, paragraphs, or all of a file, in a column `text`.
final class TextRows implements FileRows {
  private static final String COLUMN = "text";

  private final SourceText text;
  private final RowFormat.Unit unit;
  private final SequencedMap<String, String> wanted;
  private boolean ended;

  /// @param wanted names by which the column is known; `text` if it is empty
  TextRows(SourceText text, RowFormat.Unit unit, SequencedMap<String, String> wanted) {
    this.text = text;
    this.unit = unit;
    this.wanted = wanted.isEmpty() ? new LinkedHashMap<>(Map.of(COLUMN, COLUMN)) : wanted;
    this.wanted.values().stream()
        .filter(column -> !column.equals(COLUMN))
        .findFirst()
        .ifPresent(column -> {
          throw text.lost(1, "a text has one column, \"text\", and none named \"" + column + "\"");
        });
  }

  @Override
  public Optional<Row> next() {
    return switch (unit) {
      case LINE -> text.nextLine().map(line -> row(line, text.recordLine()));
      case PARAGRAPH -> paragraph();
      case FILE -> whole();
    };
  }

  private Optional<Row> paragraph() {
    Optional<String> line = text.nextLine();
    while (line.isPresent() && line.get().isBlank()) {
      line = text.nextLine();
    }
    if (line.isEmpty()) {
      return Optional.empty();
    }
    long first = text.recordLine();
    var paragraph = new StringBuilder(line.get());
    for (line = text.nextLine();
        line.isPresent() && !line.get().isBlank();
        line = text.nextLine()) {
      paragraph.append('\n').append(line.get());
    }
    return Optional.of(row(paragraph.toString(), first));
  }

  private Optional<Row> whole() {
    if (ended) {
      return Optional.empty();
    }
    ended = true;
    var all = new StringBuilder();
    for (int c = text.read(); c >= 0; c = text.read()) {
      all.append((char) c);
    }
    return Optional.of(row(all.toString(), 1));
  }

  private Row row(String value, long line) {
    var columns = new LinkedHashMap<String, Cell>();
    wanted.keySet().forEach(name -> columns.put(name, Cell.of(value)));
    return new Row(columns, text.file(), line);
  }

  @Override
  public boolean goOn() {
    if (unit == RowFormat.Unit.FILE || text.isLost()) {
      return false;
    }
    text.skipLine();
    return true;
  }

  @Override
  public void close() {
    text.close();
  }
}
