package dev.quintet.trainer.rows;

import dev.quintet.trainer.data.Passage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.UnaryOperator;

/// A text with places for the columns of a row: `question: {question} context: {context}`.
///
/// A column stands in braces; two braces stand for one. A list is joined by a comma and a space.
public final class Template {
  private final String source;
  private final List<String> literals; // one more than names
  private final List<String> names;

  private Template(String source, List<String> literals, List<String> names) {
    this.source = source;
    this.literals = List.copyOf(literals);
    this.names = List.copyOf(names);
  }

  /// Reads a template.
  ///
  /// @throws IllegalArgumentException if a brace is not closed, or holds no name
  public static Template of(String source) {
    var literals = new ArrayList<String>();
    var names = new ArrayList<String>();
    var literal = new StringBuilder();
    for (int i = 0; i < source.length(); i++) {
      char c = source.charAt(i);
      boolean twice = i + 1 < source.length() && source.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && twice) {
        literal.append(c);
        i++;
      } else if (c == '{') {
        int end = source.indexOf('}', i);
        String name = end < 0 ? "" : source.substring(i + 1, end);
        if (name.isBlank() || name.indexOf('{') >= 0) {
          throw new IllegalArgumentException(
              "the template \"%s\": expected the name of a column and a closing brace after character %,d (a brace that is meant is written twice)"
                  .formatted(source, i + 1));
        }
        literals.add(literal.toString());
        literal.setLength(0);
        names.add(name);
        i = end;
      } else {
        literal.append(c);
      }
    }
    literals.add(literal.toString());
    return new Template(source, literals, names);
  }

  /// A template of one column alone.
  public static Template column(String name) {
    return new Template("{" + name + "}", List.of("", ""), List.of(name));
  }

  /// The columns that it names, each once.
  public SequencedSet<String> columns() {
    return new LinkedHashSet<>(names);
  }

  /// The text for a row.
  ///
  /// @throws dev.quintet.trainer.data.MalformedDataException if the row lacks a column
  public String text(Row row) {
    return text(row::text);
  }

  /// Where a column's text stands in the text for a row.
  ///
  /// @return its first character and the one behind its last; nothing where the template does not name the column
  /// @throws dev.quintet.trainer.data.MalformedDataException if the row lacks a column
  public Optional<Passage> place(Row row, String column) {
    int at = literals.getFirst().length();
    for (int i = 0; i < names.size(); i++) {
      int length = row.text(names.get(i)).length();
      if (names.get(i).equals(column)) {
        return Optional.of(new Passage(at, at + length));
      }
      at += length + literals.get(i + 1).length();
    }
    return Optional.empty();
  }

  /// How often it names a column.
  public int times(String column) {
    return (int) names.stream().filter(column::equals).count();
  }

  /// The text with these values for the columns.
  public String text(UnaryOperator<String> value) {
    var text = new StringBuilder(literals.getFirst());
    for (int i = 0; i < names.size(); i++) {
      text.append(value.apply(names.get(i))).append(literals.get(i + 1));
    }
    return text.toString();
  }

  /// The template as it was written.
  @Override
  public String toString() {
    return source;
  }
}
