package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.MalformedDataException;
import dev.quintet.trainer.rows.Cell;
import dev.quintet.trainer.rows.Row;
import dev.quintet.trainer.rows.RowFiles;
import dev.quintet.trainer.rows.RowFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Rows of files in every format, and files that are refused.
final class ReadingJudge implements GoldenJudge {
  private static final Set<String> OPTIONS =
      Set.of("delimiter", "columns", "scalars", "lists", "at", "unit", "encoding");

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "reading", "rule", "columns", "errors", "cases");
    List<String> columns = Recorded.strings(file, "columns");
    int count = 0;
    for (JsonObject wrong : Recorded.objects(file, "errors")) {
      refused(wrong, columns);
      count++;
    }
    for (JsonObject good : Recorded.objects(file, "cases")) {
      read(good, columns);
      count++;
    }
    return count;
  }

  private static void refused(JsonObject wrong, List<String> columns) {
    String where = wrong.required("note", JsonObject::string);
    known(wrong, where, Set.of("format", "data", "line", "note"));
    try {
      List<Row> rows = rows(wrong, columns);
      throw new AssertionError(where + ": read as " + rows);
    } catch (MalformedDataException e) {
      String message = String.valueOf(e.getMessage());
      String line = wrong.whole("line").map(n -> "line " + n + ": ").orElse("");
      if (!message.contains(line) || message.contains("\n")) {
        throw new AssertionError(where + ": expected " + line + " in: " + message, e);
      }
    }
  }

  private static void read(JsonObject good, List<String> columns) {
    String where = good.required("note", JsonObject::string);
    known(good, where, Set.of("format", "data", "rows", "note"));
    List<Map<String, Cell>> wanted =
        Recorded.objects(good, "rows").stream().map(ReadingJudge::cells).toList();
    List<Map<String, Cell>> got =
        rows(good, columns).stream().map(row -> Map.copyOf(row.columns())).toList();
    Recorded.same(where, wanted, got);
  }

  private static Map<String, Cell> cells(JsonObject row) {
    var cells = new LinkedHashMap<String, Cell>();
    row.values()
        .forEach((name, value) ->
            cells.put(
                name,
                switch (value) {
                  case String text -> Cell.of(text);
                  case List<?> list ->
                      new Cell(list.stream().map(String.class::cast).toList(), true);
                  default -> throw new AssertionError("not a recorded value: " + value);
                }));
    return Map.copyOf(cells);
  }

  private static void known(JsonObject object, String where, Set<String> keys) {
    for (String key : object.keys()) {
      if (!keys.contains(key) && !OPTIONS.contains(key)) {
        throw new AssertionError(where + ": the judge does not know " + key);
      }
    }
  }

  private static List<Row> rows(JsonObject of, List<String> columns) {
    String format = of.required("format", JsonObject::string);
    var how =
        RowFormat.DEFAULT.withKind(
            RowFormat.Kind.valueOf(format.replace(".gz", "").toUpperCase(Locale.ROOT)));
    boolean text = how.kind().orElseThrow() == RowFormat.Kind.TEXT;
    boolean headed = format.startsWith("csv") || format.startsWith("tsv");
    var wanted = new LinkedHashMap<String, String>();
    (text ? List.of("text") : columns).forEach(name -> wanted.put(name, name));
    if (of.has("columns") && of.value("columns").orElseThrow() instanceof JsonObject paths) {
      wanted.clear();
      paths.keys().forEach(name -> wanted.put(name, paths.string(name).orElseThrow()));
    } else if (of.has("columns")) {
      List<String> names = Recorded.strings(of, "columns");
      wanted.clear();
      names.forEach(name -> wanted.put(name, name));
      how = headed ? how.withHeader(names) : how;
    }
    how = of.string("delimiter").map(d -> d.charAt(0)).map(how::withDelimiter).orElse(how);
    how = how.withScalars(of.string("scalars").map("text"::equals).orElse(false));
    how = how.withLists(of.bool("lists").orElse(false)).withAt(of.string("at").orElse(""));
    how =
        of.string("unit")
            .map(unit -> RowFormat.Unit.valueOf(unit.toUpperCase(Locale.ROOT)))
            .map(how::withUnit)
            .orElse(how);
    how =
        of.string("encoding")
            .map(java.nio.charset.Charset::forName)
            .map(how::withEncoding)
            .orElse(how);
    try {
      Path file = Files.createTempFile("reading", "." + format);
      try {
        Files.write(file, Base64.getDecoder().decode(of.required("data", JsonObject::string)));
        return RowFiles.of(List.of(file.toString()), how).columns(wanted).all();
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
