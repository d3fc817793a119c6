package dev.quintet.trainer.rows;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/// Files of rows, and how they are read.
///
/// ```java
/// try (RowReader rows = RowFiles.of("data/*.csv").columns("question", "answer").reader()) {
///   for (var row = rows.next(); row.isPresent(); row = rows.next()) {
///     row.get().text("question");
///   }
/// }
/// ```
public final class RowFiles {
  private final List<Path> files;
  private final RowFormat format;
  private final SequencedMap<String, String> columns;
  private final OptionalDouble badLimit;

  private RowFiles(
      List<Path> files,
      RowFormat format,
      SequencedMap<String, String> columns,
      OptionalDouble badLimit) {
    this.files = List.copyOf(files);
    this.format = format;
    this.columns = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(columns));
    this.badLimit = badLimit;
  }

  /// Files by their names, folders for the files of rows below them, and patterns such as `data/*.jsonl` and
  /// `data/**.csv.gz`; what a folder or a pattern gives comes in the order of the names, a file twice only once.
  ///
  /// @throws IllegalArgumentException if a name gives no file
  /// @throws java.io.UncheckedIOException if one does not exist
  public static RowFiles of(String... names) {
    return of(List.of(names), RowFormat.DEFAULT);
  }

  /// Like [#of(String...)], read in some format.
  public static RowFiles of(List<String> names, RowFormat format) {
    return new RowFiles(
        FileNames.files(names, format.kind()),
        format,
        new LinkedHashMap<>(),
        OptionalDouble.empty());
  }

  /// The same files, read in some format.
  public RowFiles format(RowFormat format) {
    return new RowFiles(files, format, columns, badLimit);
  }

  /// These columns alone, each by its name or path.
  ///
  /// @throws IllegalArgumentException if one is named twice
  public RowFiles columns(String... paths) {
    var named = new LinkedHashMap<String, String>();
    for (String path : paths) {
      if (named.put(path, path) != null) {
        throw new IllegalArgumentException("the column \"" + path + "\" is asked for twice");
      }
    }
    return columns(named);
  }

  /// These columns alone.
  ///
  /// @param columns names for them, and what they are in the files: names, or paths such as `answers.text[0]` in JSON
  public RowFiles columns(SequencedMap<String, String> columns) {
    return new RowFiles(files, format, columns, badLimit);
  }

  /// Of the columns that are asked for, the ones with these names; names that none has stand for themselves.
  public RowFiles select(Iterable<String> names) {
    var selected = new LinkedHashMap<String, String>();
    names.forEach(name -> selected.put(name, columns.getOrDefault(name, name)));
    return columns(selected);
  }

  /// The same files, where rows that break the rules are passed over and counted.
  ///
  /// @param limit the share of all rows above which they are refused after all
  public RowFiles skipBad(double limit) {
    if (!(limit >= 0 && limit <= 1)) {
      throw new IllegalArgumentException("a share is from 0 to 1, got " + limit);
    }
    return new RowFiles(files, format, columns, OptionalDouble.of(limit));
  }

  /// The files, in the order in which they are read.
  public List<Path> files() {
    return files;
  }

  /// Opens them.
  public RowReader reader() {
    return new RowReader(this);
  }

  /// All rows, which have to fit into memory.
  public List<Row> all() {
    var all = new ArrayList<Row>();
    try (RowReader reader = reader()) {
      for (Optional<Row> row = reader.next(); row.isPresent(); row = reader.next()) {
        all.add(row.get());
      }
    }
    return all;
  }

  OptionalDouble badLimit() {
    return badLimit;
  }

  /// The rows of an open file.
  FileRows rows(Path file, InputStream raw) {
    RowFormat.Kind kind = FileNames.kind(file, format.kind());
    var text = new SourceText(file, raw, format.encoding(), kind == RowFormat.Kind.CSV);
    return switch (kind) {
      case JSONL -> new JsonLineRows(text, format, columns);
      case JSON -> new JsonArrayRows(text, format, columns);
      case CSV -> new FieldRows(text, format, true, columns);
      case TSV -> new FieldRows(text, format, false, columns);
      case TEXT -> new TextRows(text, format.unit(), columns);
    };
  }
}
