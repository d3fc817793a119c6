package dev.quintet.trainer.rows;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Rows of fields in the order of a header: CSV (RFC 4180) and TSV.
final class FieldRows implements FileRows {
  private final SourceText text;
  private final RowFormat format;
  private final boolean quotes;
  private final SequencedMap<String, String> wanted;
  private boolean begun;
  private int fields;
  private List<String> names = List.of();
  private List<Integer> places = List.of();

  /// @param quotes whether fields may stand in quotes: CSV, or else TSV
  /// @param wanted names by which the columns are known and their names in the file; all if it is empty
  FieldRows(
      SourceText text, RowFormat format, boolean quotes, SequencedMap<String, String> wanted) {
    this.text = text;
    this.format = format;
    this.quotes = quotes;
    this.wanted = wanted;
  }

  @Override
  public Optional<Row> next() {
    if (!begun) {
      header();
      begun = true;
    }
    return record()
        .map(record -> {
          if (record.size() != fields) {
            throw text.broken(
                "has %,d fields; expected the %,d of the header%s"
                    .formatted(
                        record.size(),
                        fields,
                        quotes ? " (a field with a delimiter in it stands in quotes)" : ""));
          }
          var columns = new LinkedHashMap<String, Cell>();
          for (int i = 0; i < names.size(); i++) {
            columns.put(names.get(i), Cell.of(record.get(places.get(i))));
          }
          return new Row(columns, text.file(), text.recordLine());
        });
  }

  private void header() {
    List<String> header = format.header();
    if (header.isEmpty()) {
      header =
          record()
              .orElseThrow(() ->
                  text.lost(
                      1,
                      "the file is empty; expected a header that names the columns (or name them with the key \"header\")"));
    }
    var seen = new HashSet<String>();
    for (String name : header) {
      if (!seen.add(name)) {
        throw text.lost(
            text.recordLine(), "two columns are named \"" + name + "\"; rename one of them");
      }
    }
    fields = header.size();
    names = List.copyOf(wanted.isEmpty() ? header : wanted.keySet());
    var found = new ArrayList<Integer>();
    for (String name : names) {
      String there = wanted.getOrDefault(name, name);
      int place = header.indexOf(there);
      if (place < 0) {
        throw text.lost(
            text.recordLine(),
            "has no column \"%s\"; its columns are %s%s"
                .formatted(
                    there,
                    header,
                    header.size() == 1
                        ? "; if fields are parted by another character, name it with the key \"delimiter\""
                        : ""));
      }
      found.add(place);
    }
    places = List.copyOf(found);
  }

  private Optional<List<String>> record() {
    return quotes ? quoted() : tabbed();
  }

  private Optional<List<String>> tabbed() {
    Optional<String> line = text.nextLine();
    while (line.isPresent() && line.get().isEmpty()) {
      line = text.nextLine();
    }
    return line.map(whole -> List.of(whole.split("\t", -1)));
  }

  private Optional<List<String>> quoted() {
    text.startRecord();
    while (text.peek() == '\n' || text.peek() == '\r') {
      text.read();
      text.startRecord();
    }
    if (text.peek() < 0) {
      return Optional.empty();
    }
    var record = new ArrayList<String>();
    while (true) {
      record.add(text.peek() == '"' ? inQuotes() : plain());
      int c = text.read();
      if (c != format.delimiter()) {
        if (c == '\r' && text.peek() == '\n') {
          text.read();
        }
        return Optional.of(record);
      }
    }
  }

  private String plain() {
    var field = new StringBuilder();
    while (!endsField(text.peek())) {
      char c = (char) text.read();
      if (c == '"') {
        throw text.broken(
            "a quote stands inside a field without quotes; put the field in quotes and write the quote twice");
      }
      field.append(c);
    }
    return field.toString();
  }

  private String inQuotes() {
    long opened = text.line();
    text.read();
    var field = new StringBuilder();
    while (true) {
      int c = text.read();
      if (c < 0) {
        throw text.lost(
            opened, "the quote that opens here is never closed; close it, or write it twice");
      }
      if (c != '"') {
        field.append((char) c);
      } else if (text.peek() == '"') {
        field.append((char) text.read());
      } else if (endsField(text.peek())) {
        return field.toString();
      } else {
        throw text.broken(
            "something follows a closing quote; expected a delimiter or the line's end (a quote inside quotes is written twice)");
      }
    }
  }

  private boolean endsField(int c) {
    return c < 0 || c == format.delimiter() || c == '\n' || c == '\r';
  }

  @Override
  public boolean goOn() {
    if (begun && !text.isLost()) {
      text.skipLine();
      return true;
    }
    return false;
  }

  @Override
  public void close() {
    text.close();
  }
}
