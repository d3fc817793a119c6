package dev.quintet.trainer.events;

import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.evaluate.Predictions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The first answers of an evaluation as a table in Markdown.
final class ExampleText {
  private static final int ROWS = 8;
  private static final int LONGEST = 300;

  private ExampleText() {}

  /// Of the predictions that an evaluation has left in a run's folder; nothing where it had none.
  static Optional<String> of(Path out, long step) {
    Path file = out.resolve("predictions-" + step + ".jsonl");
    return Files.isRegularFile(file)
        ? Optional.of(Predictions.read(file))
            .filter(rows -> !rows.isEmpty())
            .map(ExampleText::table)
        : Optional.empty();
  }

  private static String table(List<Prediction> rows) {
    var text = new StringBuilder("| source | right | answer |\n|---|---|---|\n");
    for (Prediction row : rows.subList(0, Math.min(ROWS, rows.size()))) {
      text.append("| ").append(cell(row.sample().source()));
      text.append(" | ").append(cell(String.join(" / ", row.answered().answers())));
      text.append(" | ").append(cell(row.reply().text())).append(" |\n");
    }
    return text.toString();
  }

  /// A text that neither ends its cell nor means anything as Markdown or HTML.
  private static String cell(String text) {
    int[] characters = text.codePoints().limit(LONGEST + 1).toArray();
    var cell = new StringBuilder();
    for (int i = 0; i < Math.min(LONGEST, characters.length); i++) {
      int c = characters[i];
      if (c == '<' || c == '>' || c == '&' || c == '|' || "*_`[]\\".indexOf(c) >= 0) {
        cell.append("&#").append(c).append(';');
      } else {
        cell.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
      }
    }
    return (characters.length > LONGEST ? cell.append("\u2026") : cell).toString();
  }
}
