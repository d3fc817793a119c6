package dev.quintet.trainer.metric;

import java.util.List;

/// A measure of how good answers are, such as ROUGE or BLEU. Write your own by this interface.
///
/// A metric counts each row by itself, and computes its scores from the sums of the counts: so a corpus' score, its
/// bootstrap interval and the comparison of two systems all come from one pass over the rows.
public interface Metric {

  /// The names of its scores, such as `rouge1`, `rouge2`; a model is chosen by the first where nothing else is asked.
  List<String> names();

  /// Counts rows.
  ///
  /// @param rows in any order; may be empty
  Measured measure(List<Answered> rows);

  /// Whether more is better.
  ///
  /// @param name one of [#names]
  default boolean higherIsBetter(String name) {
    return true;
  }

  /// Whether each row is either right or wrong by a score, which then is the share of right ones: two systems on the same rows
  /// can be compared by those on which one alone is right.
  ///
  /// @param name one of [#names]
  default boolean isRightOrWrong(String name) {
    return false;
  }

  /// The settings that decide its scores, to be printed beside them; nothing where there are none.
  ///
  /// Numbers and words joined as sacrebleu does it, such as `stemmer:yes|lsum:newline`.
  default String signature() {
    return "";
  }
}
