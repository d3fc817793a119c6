package dev.quintet.core.backend;

import java.util.Arrays;

/// Takes tokens away from the scores of a row before one is drawn; what is taken away is negative infinity.
///
/// It keeps the arrays that it works in, and belongs to one thread.
public final class Thinning {
  private float[] heap = {};
  private long[] order = {};
  private float[] probabilities = {};

  /// Divides by a temperature.
  public static void temper(float[] scores, float temperature) {
    for (int i = 0; i < scores.length; i++) {
      scores[i] /= temperature;
    }
  }

  /// Leaves the k likeliest tokens, and what equals the last of them.
  public void best(float[] scores, int k) {
    float least = kthLargest(scores, k);
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] < least) {
        scores[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /// Leaves the likeliest tokens that together reach a probability: takes away from the least likely on, as long as what is
  /// taken adds up to at most 1 - p.
  ///
  /// @param keep how many are left at least
  public void mass(float[] scores, double p, int keep) {
    float rest = (float) (1 - p);
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

  /// Leaves tokens of at least a share of the likeliest's probability.
  ///
  /// @param keep how many are left at least
  public void share(float[] scores, float share, int keep) {
    float[] all = probabilities(scores);
    float most = 0;
    for (int i = 0; i < scores.length; i++) {
      most = Math.max(most, all[i]);
    }
    least(scores, share * most, keep);
  }

  /// The probabilities of a row, which may be longer than that, until the next call.
  public float[] probabilities(float[] scores) {
    if (probabilities.length < scores.length) {
      probabilities = new float[scores.length];
    }
    Distribution.softmax(scores, probabilities);
    return probabilities;
  }

  /// Leaves tokens of at least a probability, by the last [#probabilities].
  ///
  /// @param keep how many are left at least
  public void least(float[] scores, float bound, int keep) {
    float kept = kthLargest(scores, keep);
    for (int i = 0; i < scores.length; i++) {
      if (probabilities[i] < bound && scores[i] < kept) {
        scores[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  private float kthLargest(float[] scores, int k) {
    int count = Math.min(k, scores.length);
    if (heap.length < count) {
      heap = new float[count];
    }
    return Distribution.kthLargest(scores, count, heap);
  }

  /// Draws a token.
  ///
  /// @param number from 0 to below 1
  /// @return the token; -1 where there is none to draw, or scores are NaN or infinite
  public static int draw(float[] scores, double number) {
    float most = Distribution.largest(scores);
    double total = Distribution.exponentials(scores, most);
    if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
      return -1;
    }
    double rest = number * total;
    int last = 0;
    for (int id = 0; id < scores.length; id++) {
      double weight = Distribution.exponential(scores[id], most);
      if (weight > 0) {
        if (rest < weight) {
          return id;
        }
        rest -= weight;
        last = id;
      }
    }
    return last;
  }
}
