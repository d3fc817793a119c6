package dev.quintet.app.watch;

import dev.quintet.core.io.MalformedFileException;
import dev.quintet.models.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The first rows of a run's newest `predictions-STEP.jsonl`.
///
/// @param step after which step they were made; -1 where there are none
/// @param rows the first of them
record Predictions(long step, List<Row> rows) {
  private static final Pattern NAME = Pattern.compile("predictions-([0-9]{1,18})\\.jsonl");
  private static final int SHOWN = 20;
  private static final int LONGEST = 2000;
  private static final Predictions NONE = new Predictions(-1, List.of());

  /// A source, the answer that was wanted, and the one that came.
  record Row(String source, String target, String prediction) {}

  /// The newest ones of a folder.
  static Predictions of(Path folder) throws IOException {
    Optional<Path> newest;
    try (Stream<Path> files = Files.list(folder)) {
      newest =
          files.filter(file -> step(file) >= 0).max(Comparator.comparingLong(Predictions::step));
    }
    if (newest.isEmpty()) {
      return NONE;
    }
    var rows = new ArrayList<Row>();
    try (BufferedReader lines = Files.newBufferedReader(newest.get())) {
      for (String line = lines.readLine();
          line != null && rows.size() < SHOWN;
          line = lines.readLine()) {
        row(newest.get(), line).ifPresent(rows::add);
      }
    }
    return new Predictions(step(newest.get()), rows);
  }

  private static Optional<Row> row(Path file, String line) {
    try {
      JsonObject row = JsonObject.parse(file.toString(), line);
      return Optional.of(
          new Row(text(row, "source"), text(row, "target"), text(row, "prediction")));
    } catch (IllegalArgumentException | MalformedFileException e) {
      return Optional.empty(); // still being written
    }
  }

  /// A text, or the first of several under the key's plural.
  private static String text(JsonObject row, String key) {
    Object value =
        row.value(key)
            .or(() -> row.list(key + "s").flatMap(list -> list.stream().findFirst()))
            .orElse("");
    String text =
        value instanceof List<?> several
            ? several.stream().findFirst().map(String::valueOf).orElse("")
            : value.toString();
    return text.length() > LONGEST ? text.substring(0, LONGEST) + " ..." : text;
  }

  private static long step(Path file) {
    Matcher matcher = NAME.matcher(String.valueOf(file.getFileName()));
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }
}
