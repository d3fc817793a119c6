package dev.quintet.trainer.metric;

import java.util.List;

/// A prediction beside the answers that would have been right.
///
/// @param prediction what was answered
/// @param answers one or several right ones; the first is what a model was trained on
public record Answered(String prediction, List<String> answers) {

  /// Copies the list.
  ///
  /// @throws IllegalArgumentException if there is no right answer
  public Answered {
    answers = List.copyOf(answers);
    if (answers.isEmpty()) {
      throw new IllegalArgumentException(
          "a prediction is scored against at least one right answer, and \""
              + prediction
              + "\" has none");
    }
  }

  /// A prediction with one right answer.
  public Answered(String prediction, String answer) {
    this(prediction, List.of(answer));
  }
}
