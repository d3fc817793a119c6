package dev.quintet.trainer.rows;

import dev.quintet.trainer.data.MalformedDataException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/// A row of a file.
///
/// @param columns what it holds, by name
/// @param file where it stands
/// @param line the line on which it starts, from 1
/// @param turn its number among the rows that start on that line, from 1; above 1 in JSON arrays alone
public record Row(SequencedMap<String, Cell> columns, Path file, long line, int turn) {

  /// The first row that starts on a line.
  public Row(SequencedMap<String, Cell> columns, Path file, long line) {
    this(columns, file, line, 1);
  }

  /// Copies the map.
  public Row {
    columns = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(columns));
  }

  /// The texts of a column: one, or those of a list.
  ///
  /// @throws MalformedDataException if there is no such column
  public List<String> values(String column) {
    return cell(column).values();
  }

  /// The text of a column; those of a list joined by a comma and a space.
  ///
  /// @throws MalformedDataException if there is no such column
  public String text(String column) {
    return cell(column).text();
  }

  /// What a column holds.
  ///
  /// @throws MalformedDataException if there is no such column
  public Cell cell(String column) {
    return Optional.ofNullable(columns.get(column))
        .orElseThrow(() ->
            broken("has no column \"%s\"; its columns are %s".formatted(column, columns.keySet())));
  }

  /// This row with another cell in a column.
  public Row with(String column, Cell cell) {
    var all = new LinkedHashMap<>(columns);
    all.put(column, cell);
    return new Row(all, file, line, turn);
  }

  /// This row with each text of some columns changed.
  public Row map(Iterable<String> changed, UnaryOperator<String> change) {
    var all = new LinkedHashMap<>(columns);
    for (String column : changed) {
      Cell cell = cell(column);
      all.put(column, new Cell(cell.values().stream().map(change).toList(), cell.list()));
    }
    return new Row(all, file, line, turn);
  }

  /// Where it stands, such as `rows.jsonl:17`, or `rows.json:1#3` for the third row that starts on a line.
  public String place() {
    return file + ":" + line + (turn > 1 ? "#" + turn : "");
  }

  /// The exception for what is wrong with this row.
  public MalformedDataException broken(String rule) {
    return new MalformedDataException(file, line, rule);
  }

  /// A row of texts, for what comes from no file.
  public static Row of(Map<String, String> texts) {
    var columns = new LinkedHashMap<String, Cell>();
    texts.forEach((name, text) -> columns.put(name, Cell.of(text)));
    return new Row(columns, Path.of("row"), 1);
  }
}
