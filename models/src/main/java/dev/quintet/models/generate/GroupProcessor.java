package dev.quintet.models.generate;

/// A processor that sees all rows of one input at once.
interface GroupProcessor extends LogitsProcessor {

  /// Changes the scores of the rows of one input in place.
  ///
  /// @param rows all rows of the batch
  /// @param scores `[rows, V]`
  /// @param from the input's first row
  /// @param to behind its last row
  void processGroup(Sequence[] rows, float[][] scores, int from, int to);

  @Override
  default void process(Sequence sequence, float[] scores) {
    processGroup(new Sequence[] {sequence}, new float[][] {scores}, 0, 1);
  }
}
