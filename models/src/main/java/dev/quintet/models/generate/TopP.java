package dev.quintet.models.generate;

import java.util.Arrays;

/// Leaves the likeliest tokens that together reach a probability: takes away from the least likely on, as long as what is
/// taken adds up to at most 1 - p.
final class TopP implements LogitsProcessor {
  private final float rest;
  private final int keep;
  private long[] order = {};

  TopP(double p, int keep) {
    this.rest = (float) (1 - p);
    this.keep = keep;
  }

  @Override
  public void process(Sequence sequence, float[] scores) {
    if (order.length < scores.length) {
      order = new long[scores.length];
    }
    int candidates = 0;
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] != Float.NEGATIVE_INFINITY) {
        order[candidates++] = Distribution.ascending(scores[i], i);
      }
    }
    Arrays.sort(order, 0, candidates);
    float most = Distribution.largest(scores);
    float total = (float) Distribution.exponentials(scores, most);
    double sum = 0;
    for (int i = 0; i < candidates - keep; i++) {
      int id = (int) order[i];
      sum += (float) Distribution.exponential(scores[id], most) / total;
      if ((float) sum > rest) {
        break;
      }
      scores[id] = Float.NEGATIVE_INFINITY;
    }
  }
}
