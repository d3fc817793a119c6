package dev.quintet.core.backend;

/// The step of a decoder by one token a row, planned for its shapes by [DecoderKernels#plan]. A step makes no object.
///
/// Belongs to one thread, and reads its call's weights, caches and room as long as it is used.
public interface DecoderStep {

  /// Reads the next token of each row: its keys and values then are in the caches.
  ///
  /// @param ids of all rows
  /// @param position the tokens before it, fewer than there is room for
  /// @throws IndexOutOfBoundsException if an id is not a row of the embedding
  void run(int[] ids, int position);

  /// The likeliest next token of each row after [#run]: the first of the largest logits, the first NaN if there is one.
  void likeliest(int[] into);

  /// The logits after [#run].
  ///
  /// @param to address of float32 `[rows, V]`
  void logits(long to);

  /// Lets each row go on from what another row of its input has read so far. Caches stay as they are: the step notes
  /// where each row finds its tokens.
  ///
  /// @param from for each row the one whose tokens it takes over
  /// @param length the tokens so far
  void reorder(int[] from, int length);

  /// The row in whose cache a row's token is found.
  int place(int row, int position);
}
