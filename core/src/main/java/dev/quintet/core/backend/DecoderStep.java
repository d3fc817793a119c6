package dev.quintet.core.backend;

/// The step of a decoder by one token a row, planned for its shapes by [DecoderKernels#plan]. A step makes no object.
///
/// Belongs to one thread, and reads its call's weights, caches and room as long as it is used.
public interface DecoderStep extends AutoCloseable {

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

  /// Reads the next token of each row, chooses the one behind it, reads that, and so on; the host waits once, at the end.
  ///
  /// Tokens behind the last one that is returned may have been read too: caches hold `position` tokens and one more for each
  /// token returned that anybody may count on.
  ///
  /// @param ids of all rows
  /// @param position the tokens before them, fewer than there is room for
  /// @param ended rows that have ended before, which get the pad id
  /// @param rule by which tokens are chosen; the same object each time is the quickest
  /// @param most how many to choose for each row, no more than there is room for behind `position`
  /// @param into receives them, `[tokens, rows]`
  /// @return how many were chosen for each row: the most, or as many as there were before all rows had ended; 0 where this
  ///     device chooses none by itself, and nothing was done
  default int choose(
      int[] ids, int position, boolean[] ended, TokenRule rule, int most, int[] into) {
    return 0;
  }

  /// Lets each row go on from what another row of its input has read so far. Caches stay as they are: the step notes
  /// where each row finds its tokens.
  ///
  /// @param from for each row the one whose tokens it takes over
  /// @param length the tokens so far
  void reorder(int[] from, int length);

  /// The row in whose cache a row's token is found.
  int place(int row, int position);

  /// Gives back what a device has taken down for it; without, that goes with the object.
  @Override
  default void close() {}
}
