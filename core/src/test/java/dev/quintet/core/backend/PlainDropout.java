package dev.quintet.core.backend;

import dev.quintet.core.random.Philox;

/// The mask of a dropout, element by element, as [DropoutMask] defines it.
final class PlainDropout {
  private PlainDropout() {}

  /// What an element is multiplied by: 0 where it is dropped, else the scale.
  static double factor(DropoutMask mask, long row, long element) {
    int i = (int) (element % 16 / 2);
    int j = (int) (element % 64 / 16);
    int half = (int) (element % 2);
    long stream = mask.stream();
    int[] words = new int[4];
    Philox.block(
        (int) (element / 64 * 8 + i),
        (int) (mask.firstRow() + row),
        (int) stream,
        (int) (stream >>> 32),
        (int) mask.seed(),
        (int) (mask.seed() >>> 32),
        Philox.DROPOUT_ROUNDS,
        words);
    int word = words[2 * (j / 2) + half];
    int sixteen = j % 2 == 0 ? word & 0xFFFF : word >>> 16;
    return sixteen < mask.threshold() ? 0 : mask.scale();
  }

  /// The factors of whole rows.
  static double[] factors(DropoutMask mask, int rows, int width) {
    double[] factors = new double[rows * width];
    for (int r = 0; r < rows; r++) {
      for (int e = 0; e < width; e++) {
        factors[r * width + e] = factor(mask, r, e);
      }
    }
    return factors;
  }

  /// The factor of one probability of an attention.
  static double factor(AttentionCall call, int row, int head, int query, int key) {
    DropoutMask m = call.dropout();
    long site = m.site() + ((long) head << 32) + query + call.masks().queryOffset();
    return factor(
        new DropoutMask(m.probability(), m.seed(), m.step(), site, m.firstRow()), row, key);
  }
}
