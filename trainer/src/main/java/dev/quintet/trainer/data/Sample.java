package dev.quintet.trainer.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A pair to train on or to score, with what else is known of it.
///
/// @param id names it in predictions and reports: a column of the data, or its place there, such as `rows.jsonl:17`
/// @param source the prompt
/// @param answers the right answers, at least one; the first is trained on
/// @param columns other columns, such as the group that it belongs to; in the order of the data
/// @param passage the part of the source that alone is cut where it is too long; its end where there is none
public record Sample(
    String id,
    String source,
    List<String> answers,
    SequencedMap<String, String> columns,
    Optional<Passage> passage) {

  /// Copies list and map.
  ///
  /// @throws IllegalArgumentException if there is no answer, or the passage is not in the source
  public Sample {
    answers = List.copyOf(answers);
    columns = new LinkedHashMap<>(columns);
    if (answers.isEmpty()) {
      throw new IllegalArgumentException(
          "a sample has at least one answer, and " + id + " has none");
    }
    if (passage.isPresent() && passage.get().to() > source.length()) {
      throw new IllegalArgumentException(
          "%s: the passage ends at %,d, and the source at %,d"
              .formatted(id, passage.get().to(), source.length()));
    }
  }

  /// A sample of which no part alone is cut.
  public Sample(
      String id, String source, List<String> answers, SequencedMap<String, String> columns) {
    this(id, source, answers, columns, Optional.empty());
  }

  /// A sample without other columns.
  public Sample(String id, String source, List<String> answers) {
    this(id, source, answers, new LinkedHashMap<>(Map.of()));
  }

  /// What is trained on.
  public TextPair pair() {
    return new TextPair(source, answers.getFirst());
  }
}
