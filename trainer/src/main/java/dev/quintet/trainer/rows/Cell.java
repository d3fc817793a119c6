package dev.quintet.trainer.rows;

import java.util.List;

/// What a row holds in a column: a text, or a list of texts.
///
/// @param values the texts: exactly one, unless it is a list
/// @param list whether the file has a list there
public record Cell(List<String> values, boolean list) {

  /// Copies the list.
  public Cell {
    values = List.copyOf(values);
    if (!list && values.size() != 1) {
      throw new IllegalArgumentException("a cell that is no list holds one text, got " + values);
    }
  }

  /// A text.
  public static Cell of(String text) {
    return new Cell(List.of(text), false);
  }

  /// The text; those of a list joined by a comma and a space.
  public String text() {
    return list ? String.join(", ", values) : values.getFirst();
  }
}
