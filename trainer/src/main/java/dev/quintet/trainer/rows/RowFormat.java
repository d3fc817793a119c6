package dev.quintet.trainer.rows;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// How files are read.
///
/// @param kind what they are; by each name's end where nothing is said
/// @param encoding of their text: UTF-8, UTF-16, ISO-8859-1 or windows-1252
/// @param delimiter between the fields of CSV
/// @param header names of the columns of CSV and TSV files that do not begin with them
/// @param at the keys, joined by dots, below which a JSON file holds its array; nothing where it is the array
/// @param scalars whether numbers, `true` and `false` of JSON are taken, as they are written
/// @param lists whether lists of strings of JSON are taken
/// @param unit what one row of a text is
public record RowFormat(
    Optional<Kind> kind,
    Charset encoding,
    char delimiter,
    List<String> header,
    String at,
    boolean scalars,
    boolean lists,
    Unit unit) {

  /// The encodings by name.
  public static final List<String> ENCODINGS =
      List.of("utf-8", "utf-16", "iso-8859-1", "windows-1252");

  /// By the names' ends: UTF-8, commas, a header, strings alone, lines.
  public static final RowFormat DEFAULT =
      new RowFormat(
          Optional.empty(), StandardCharsets.UTF_8, ',', List.of(), "", false, false, Unit.LINE);

  /// What a file is.
  public enum Kind {
    /// An object a line.
    JSONL("jsonl", "ndjson"),
    /// An array of objects.
    JSON("json"),
    /// Fields between commas, some in quotes (RFC 4180).
    CSV("csv"),
    /// Fields between tabs, without quotes or escapes.
    TSV("tsv", "tab"),
    /// Running text, in a column `text`.
    TEXT("txt", "text");

    private final List<String> ends;

    Kind(String... ends) {
      this.ends = List.of(ends);
    }

    /// Its name in settings.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// The kind that a file's name ends with, before any `.gz`.
    public static Optional<Kind> of(Path file) {
      String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
      String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
      return Arrays.stream(values())
          .filter(kind -> kind.ends.stream().anyMatch(end -> plain.endsWith("." + end)))
          .findFirst();
    }

    /// All names in settings.
    public static String words() {
      return Arrays.stream(values()).map(Kind::word).collect(Collectors.joining(", "));
    }
  }

  /// What one row of a text is.
  public enum Unit {
    /// A line, also an empty one.
    LINE,
    /// What stands between blank lines.
    PARAGRAPH,
    /// The whole file.
    FILE
  }

  /// Copies the list.
  ///
  /// @throws IllegalArgumentException if the delimiter cannot part fields, or two columns have one name
  public RowFormat {
    header = List.copyOf(header);
    if (delimiter == '"' || delimiter == '\n' || delimiter == '\r') {
      throw new IllegalArgumentException(
          "fields are parted by a character that is neither a quote nor a line's end, such as , or ;");
    }
    if (new HashSet<>(header).size() < header.size()) {
      throw new IllegalArgumentException("columns have different names, got " + header);
    }
    if (ENCODINGS.stream().map(Charset::forName).noneMatch(encoding::equals)) {
      throw new IllegalArgumentException(
          "expected an encoding of " + ENCODINGS + ", got " + encoding);
    }
  }

  /// Files of this kind, whatever their names.
  public RowFormat withKind(Kind kind) {
    return new RowFormat(Optional.of(kind), encoding, delimiter, header, at, scalars, lists, unit);
  }

  /// Text in this encoding.
  public RowFormat withEncoding(Charset encoding) {
    return new RowFormat(kind, encoding, delimiter, header, at, scalars, lists, unit);
  }

  /// CSV with another delimiter.
  public RowFormat withDelimiter(char delimiter) {
    return new RowFormat(kind, encoding, delimiter, header, at, scalars, lists, unit);
  }

  /// CSV and TSV files whose first line is a row, with the names of their columns.
  public RowFormat withHeader(List<String> header) {
    return new RowFormat(kind, encoding, delimiter, header, at, scalars, lists, unit);
  }

  /// JSON with its array below these keys.
  public RowFormat withAt(String at) {
    return new RowFormat(kind, encoding, delimiter, header, at, scalars, lists, unit);
  }

  /// JSON with numbers, `true` and `false` as they are written.
  public RowFormat withScalars(boolean scalars) {
    return new RowFormat(kind, encoding, delimiter, header, at, scalars, lists, unit);
  }

  /// JSON with lists of strings.
  public RowFormat withLists(boolean lists) {
    return new RowFormat(kind, encoding, delimiter, header, at, scalars, lists, unit);
  }

  /// Texts in these units.
  public RowFormat withUnit(Unit unit) {
    return new RowFormat(kind, encoding, delimiter, header, at, scalars, lists, unit);
  }
}
