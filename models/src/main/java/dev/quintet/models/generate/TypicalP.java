package dev.quintet.models.generate;

import dev.quintet.core.backend.Distribution;
import java.util.Arrays;

/// Leaves the tokens whose surprise is nearest to the entropy, as many as together reach a probability.
final class TypicalP implements LogitsProcessor {
  private final float mass;
  private final int keep;
  private long[] order = {};
  private float[] distances = {};

  TypicalP(float mass, int keep) {
    this.mass = mass;
    this.keep = keep;
  }

  @Override
  public void process(Sequence sequence, float[] scores) {
    if (order.length < scores.length) {
      order = new long[scores.length];
      distances = new float[scores.length];
    }
    float most = Distribution.largest(scores);
    double sum = Distribution.exponentials(scores, most);
    float norm = (float) StrictMath.log(sum);
    float total = (float) sum;
    float entropy = (float) Distribution.entropy(scores);
    int candidates = 0;
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] != Float.NEGATIVE_INFINITY) {
        distances[i] = Math.abs(-(scores[i] - most - norm) - entropy);
        order[candidates++] = Distribution.ascending(distances[i], i);
      }
    }
    Arrays.sort(order, 0, candidates);
    double reached = 0;
    int last = 0;
    while (last < candidates) {
      reached += (float) Distribution.exponential(scores[(int) order[last]], most) / total;
      if ((float) reached >= mass) {
        break;
      }
      last++;
    }
    // What is forbidden stands behind all candidates, infinitely far away: up to there nothing is
    // cut off.
    float farthest = last < candidates ? distances[(int) order[last]] : Float.POSITIVE_INFINITY;
    for (int i = keep; i < candidates; i++) {
      if (distances[(int) order[i]] > farthest) {
        scores[(int) order[i]] = Float.NEGATIVE_INFINITY;
      }
    }
  }
}
