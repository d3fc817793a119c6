package dev.quintet.core.backend;

/// Softmax and entropy of one row of scores.
///
/// Values are float32 as in transformers, sums float64. The exponentials are `StrictMath`'s, so that a seed draws the
/// same tokens on every machine.
public final class Distribution {
  private Distribution() {}

  /// The largest score; NaN where one is.
  public static float largest(float[] scores) {
    float most = Float.NEGATIVE_INFINITY;
    for (float score : scores) {
      most = Math.max(most, score);
    }
    return most;
  }

  /// The place of the first of the largest; what is no number counts as larger than all.
  public static int likeliest(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (greater(scores[i], scores[best])) {
        best = i;
      }
    }
    return best;
  }

  /// Whether a stands before b in PyTorch's order, in which NaN is the largest number.
  public static boolean greater(float a, float b) {
    return a > b || (Float.isNaN(a) && !Float.isNaN(b));
  }

  /// The sum of exp(score - most).
  public static double exponentials(float[] scores, float most) {
    double sum = 0;
    for (float score : scores) {
      sum += exponential(score, most);
    }
    return sum;
  }

  /// exp(score - most); what is forbidden, which is most of a row behind top_k, costs nothing.
  public static double exponential(float score, float most) {
    return score == Float.NEGATIVE_INFINITY ? 0 : StrictMath.exp(score - most);
  }

  /// Writes the probabilities.
  public static void softmax(float[] scores, float[] probabilities) {
    float most = largest(scores);
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      double weight = exponential(scores[i], most);
      probabilities[i] = (float) weight;
      sum += weight;
    }
    float total = (float) sum;
    for (int i = 0; i < scores.length; i++) {
      probabilities[i] /= total;
    }
  }

  /// The entropy in nats.
  public static double entropy(float[] scores) {
    float most = largest(scores);
    double sum = 0;
    double weighted = 0;
    for (float score : scores) {
      double weight = exponential(score, most);
      if (weight > 0) {
        sum += weight;
        weighted += weight * (score - most);
      }
    }
    return StrictMath.log(sum) - weighted / sum;
  }

  /// A key whose order is that of the values, and of the indices where values are equal.
  public static long ascending(float value, int index) {
    int bits = Float.floatToIntBits(value + 0.0f); // no negative zero
    return ((long) (bits ^ ((bits >> 31) & Integer.MAX_VALUE)) << 32) | index;
  }

  /// The k-th largest of the scores, by a heap of the k largest.
  ///
  /// @param heap at least k places
  public static float kthLargest(float[] scores, int k, float[] heap) {
    int size = 0;
    for (float score : scores) {
      if (size < k) {
        int place = size++;
        while (place > 0 && heap[(place - 1) / 2] > score) {
          heap[place] = heap[(place - 1) / 2];
          place = (place - 1) / 2;
        }
        heap[place] = score;
      } else if (score > heap[0]) {
        int place = 0;
        for (int child = 1; child < k; child = 2 * place + 1) {
          if (child + 1 < k && heap[child + 1] < heap[child]) {
            child++;
          }
          if (heap[child] >= score) {
            break;
          }
          heap[place] = heap[child];
          place = child;
        }
        heap[place] = score;
      }
    }
    return heap[0];
  }
}
