package dev.quintet.app.cli;

import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.rows.Cell;
import dev.quintet.trainer.rows.Row;
import dev.quintet.trainer.rows.RowFiles;
import dev.quintet.trainer.rows.RowFormat;
import dev.quintet.trainer.rows.RowReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// Predictions and right answers, as files have them.
///
/// @param rows in the order of the file
/// @param groups each row's, where groups were asked for
/// @param unanswered rows whose list of right answers is empty; an empty text stands for it
record ScoredFile(List<Answered> rows, List<String> groups, int unanswered) {

  private static final List<String> PREDICTIONS = List.of("prediction", "text");
  private static final List<String> ANSWERS =
      List.of("answer", "answers", "target", "targets", "reference", "references", "text");

  /// The fields that are asked for; where none is, the first usual one that the first row has.
  record Fields(
      Optional<String> prediction,
      Optional<String> answer,
      Optional<String> group,
      Optional<RowFormat.Kind> kind) {

    /// Reads a file of predictions, with the right answers of another where one is given.
    ScoredFile read(Path file, Optional<Path> references) {
      return references.map(other -> join(file, other)).orElseGet(() -> whole(file));
    }

    private ScoredFile whole(Path file) {
      List<Row> rows = rows(file, Optional.of(PREDICTIONS), Optional.of(ANSWERS));
      return scored(rows, rows);
    }

    private ScoredFile join(Path file, Path references) {
      List<Row> guesses = rows(file, Optional.of(PREDICTIONS), Optional.empty());
      List<Row> answers = rows(references, Optional.empty(), Optional.of(ANSWERS));
      if (guesses.size() != answers.size()) {
        throw new IllegalArgumentException(
            "%s has %,d rows, and %s has %,d: each prediction wants the answer of its row"
                .formatted(file, guesses.size(), references, answers.size()));
      }
      return scored(guesses, answers);
    }

    private ScoredFile scored(List<Row> guesses, List<Row> answers) {
      var rows = new ArrayList<Answered>();
      var groups = new ArrayList<String>();
      int unanswered = 0;
      for (int i = 0; i < guesses.size(); i++) {
        List<String> right = answers.get(i).values("answer");
        unanswered += right.isEmpty() ? 1 : 0;
        Cell guess = guesses.get(i).cell("prediction");
        rows.add(new Answered(guess.text(), right.isEmpty() ? List.of("") : right));
        if (group.isPresent()) {
          groups.add(guesses.get(i).text("group"));
        }
      }
      return new ScoredFile(rows, groups, unanswered);
    }

    private List<Row> rows(
        Path file, Optional<List<String>> predictions, Optional<List<String>> answers) {
      RowFormat format = RowFormat.DEFAULT.withScalars(true).withLists(true);
      RowFiles files =
          RowFiles.of(List.of(file.toString()), kind.map(format::withKind).orElse(format));
      SequencedSet<String> there = first(file, files).columns().sequencedKeySet();
      var columns = new LinkedHashMap<String, String>();
      predictions.ifPresent(usual -> {
        columns.put("prediction", field(prediction, usual, there, file, "--prediction"));
        group.ifPresent(path -> columns.put("group", path));
      });
      answers.ifPresent(
          usual -> columns.put("answer", field(answer, usual, there, file, "--answer")));
      return files.columns(columns).all();
    }

    private static Row first(Path file, RowFiles files) {
      try (RowReader reader = files.reader()) {
        return reader
            .next()
            .orElseThrow(() -> new IllegalArgumentException(file + " has no row to score"));
      }
    }

    private static String field(
        Optional<String> asked,
        List<String> usual,
        SequencedSet<String> there,
        Path file,
        String option) {
      return asked
          .or(() -> usual.stream().filter(there::contains).findFirst())
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "%s: its first row has none of the fields %s, but %s; name the one that is meant with %s"
                      .formatted(file, usual, there, option)));
    }
  }
}
