package dev.quintet.trainer.metric;

import java.util.List;

/// A metric of labels or tags, each of which has scores of its own.
public interface ByClass extends Metric {

  /// How well a class is found.
  ///
  /// @param name the label or tag
  /// @param scores of this class alone
  /// @param support how many rows have it
  /// @param guessed for how many rows it was guessed
  record ClassScores(String name, PrecisionRecallF1 scores, long support, long guessed) {}

  /// The scores of each class that the averages are over.
  ///
  /// @param rows in any order; may be empty
  List<ClassScores> classes(List<Answered> rows);
}
