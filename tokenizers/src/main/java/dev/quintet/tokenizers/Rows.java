package dev.quintet.tokenizers;

import dev.quintet.tokenizers.huggingface.LengthSpec;
import dev.quintet.tokenizers.huggingface.Padding;
import java.util.Arrays;
import java.util.List;

/// Fills up rows of tokens.
final class Rows {

  private Rows() {}

  /// One text or two as one row by itself.
  static Window one(
      Tokenizer tokenizer,
      List<? extends CharSequence> texts,
      boolean addSpecialTokens,
      LengthSpec lengths) {
    var options = new WindowOptions(lengths.truncation(), addSpecialTokens, false);
    Window row = tokenizer.windows(texts, options).getFirst();
    return lengths
        .padding()
        .map(padding -> padded(row, padding, padding.wanted(row.tokens().size())))
        .orElse(row);
  }

  /// A window padded to `length`; unchanged when it is longer.
  static Window padded(Window window, Padding padding, int length) {
    int size = window.tokens().size();
    int missing = length - size;
    if (missing <= 0) {
      return window;
    }
    int at = padding.left() ? missing : 0;
    int[] ids = new int[length];
    Arrays.fill(ids, padding.id());
    int[] types = new int[length];
    Arrays.fill(types, padding.type());
    int[] starts = new int[length];
    int[] ends = new int[length];
    System.arraycopy(window.tokens().ids(), 0, ids, at, size);
    System.arraycopy(window.tokens().starts(), 0, starts, at, size);
    System.arraycopy(window.tokens().ends(), 0, ends, at, size);
    System.arraycopy(window.types(), 0, types, at, size);
    return new Window(new Encoding(ids, starts, ends), types);
  }

  /// The rows, all padded to `length`, as one rectangle.
  static TokenBatch of(List<Window> windows, int[] texts, Padding padding, int length) {
    int rows = windows.size();
    if ((long) rows * length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "padding: " + rows + " rows of " + length + " tokens are more than an array can hold");
    }
    int all = rows * length;
    TokenBatch batch =
        new TokenBatch(
            rows,
            length,
            new int[all],
            new int[all],
            new int[all],
            new int[all],
            new int[all],
            texts);
    for (int row = 0; row < rows; row++) {
      Window one = padded(windows.get(row), padding, length);
      System.arraycopy(one.tokens().ids(), 0, batch.ids(), row * length, length);
      System.arraycopy(one.tokens().starts(), 0, batch.starts(), row * length, length);
      System.arraycopy(one.tokens().ends(), 0, batch.ends(), row * length, length);
      System.arraycopy(one.types(), 0, batch.types(), row * length, length);
      int size = windows.get(row).tokens().size();
      int from = row * length + (padding.left() ? length - size : 0);
      Arrays.fill(batch.mask(), from, from + size, 1);
    }
    return batch;
  }
}
