package dev.quintet.trainer.data;

import java.util.Arrays;
import java.util.List;

/// Rows of one size, padded: what one forward takes.
///
/// @param rows B
/// @param sourceLength S, the longest source
/// @param targetLength T, the longest target
/// @param inputIds [B, S], padded at the end
/// @param attentionMask [B, S], 1 for tokens and 0 for padding
/// @param labels [B, T], padded with -100, which no loss counts
/// @param firstRow the row of the whole accumulated batch that row 0 here is
/// @param sourceTokens tokens that are not padding
/// @param labelTokens labels that count
public record Batch(
    int rows,
    int sourceLength,
    int targetLength,
    int[] inputIds,
    int[] attentionMask,
    int[] labels,
    long firstRow,
    int sourceTokens,
    int labelTokens) {
  /// The label that does not count.
  public static final int IGNORE = -100;

  /// Pads examples to a batch.
  ///
  /// @param examples the rows, at least one
  /// @param firstRow the row of the accumulated batch that the first is
  /// @param pad id of the padding token
  public static Batch of(List<Example> examples, long firstRow, int pad) {
    int s = 1;
    int t = 1;
    for (Example example : examples) {
      s = Math.max(s, example.source().length);
      t = Math.max(t, example.target().length);
    }
    int rows = examples.size();
    if ((long) rows * Math.max(s, t) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a batch of %,d rows of up to %,d tokens is too large: take smaller ones, and accumulate"
              .formatted(rows, Math.max(s, t)));
    }
    int[] inputIds = new int[rows * s];
    int[] mask = new int[rows * s];
    int[] labels = new int[rows * t];
    Arrays.fill(inputIds, pad);
    Arrays.fill(labels, IGNORE);
    int sourceTokens = 0;
    int labelTokens = 0;
    for (int r = 0; r < rows; r++) {
      int[] source = examples.get(r).source();
      int[] target = examples.get(r).target();
      System.arraycopy(source, 0, inputIds, r * s, source.length);
      Arrays.fill(mask, r * s, r * s + source.length, 1);
      System.arraycopy(target, 0, labels, r * t, target.length);
      sourceTokens += source.length;
      labelTokens += target.length;
    }
    return new Batch(rows, s, t, inputIds, mask, labels, firstRow, sourceTokens, labelTokens);
  }

  /// Tokens that are not padding, of sources and targets.
  public int tokens() {
    return sourceTokens + labelTokens;
  }
}
