package dev.quintet.models.generate;

import dev.quintet.core.backend.Distribution;
import java.util.Arrays;

/// Leaves the likeliest tokens whose shares of the entropy together stay within a part of it; among the best 100 only.
final class TopH implements LogitsProcessor {
  private static final int BEST = 100;

  private final float share;
  private final float[] heap = new float[BEST];
  private final long[] order = new long[BEST];
  private final float[] best = new float[BEST];
  private final float[] probabilities = new float[BEST];

  TopH(float share) {
    this.share = share;
  }

  @Override
  public void process(Sequence sequence, float[] scores) {
    int count = Math.min(BEST, scores.length);
    float least = Distribution.kthLargest(scores, count, heap);
    int found = 0;
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] > least) {
        order[found++] = Distribution.ascending(-scores[i], i);
      }
    }
    for (int i = 0; i < scores.length && found < count; i++) {
      if (scores[i] == least) {
        order[found++] = Distribution.ascending(-scores[i], i);
      }
    }
    Arrays.sort(order, 0, found);
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < found; i++) {
      best[i] = scores[(int) order[i]];
    }
    Distribution.softmax(best, probabilities);
    float limit = (float) Distribution.entropy(best) * share;
    Arrays.fill(scores, Float.NEGATIVE_INFINITY);
    scores[(int) order[0]] = best[0];
    double sum = 0;
    for (int i = 0; i < found && probabilities[i] > 0; i++) {
      sum += -probabilities[i] * (float) StrictMath.log(probabilities[i]);
      if ((float) sum > limit) {
        break;
      }
      scores[(int) order[i]] = best[i];
    }
  }
}
