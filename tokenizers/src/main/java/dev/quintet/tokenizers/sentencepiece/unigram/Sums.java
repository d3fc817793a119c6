package dev.quintet.tokenizers.sentencepiece.unigram;

import java.util.Arrays;

/// What is summed over the lattice of a text: how often pieces are expected, and the best path.
/// Reused from text to text; all sums are in float32 in the order of the reference.
final class Sums {

  private static final float ONE_IS_NEGLIGIBLE = 50;

  private final Segmentations all;
  private final int[] ids;
  private final short[] lengths;
  private final int unknown;
  private final float[] scores;

  /// By place: sums of what is before and after, and where the nodes begin.
  private float[] before = new float[64];

  private float[] after = new float[64];
  private int[] groups = new int[64];

  /// By place: the best and the second best node that ends there, and their values.
  private int[] best = new int[64];

  private float[] bestValue = new float[64];
  private float[] secondValue = new float[64];

  /// By node of the text: the place where it begins, its value, the node before it, and the next
  /// one that ends where it does.
  private int[] begins = new int[256];

  private float[] values = new float[256];
  private int[] previous = new int[256];
  private int[] nextEnding = new int[256];
  private int[] firstEnding = new int[64];

  Sums(Segmentations all, int unknown, float[] scores) {
    this.all = all;
    this.ids = all.ids();
    this.lengths = all.lengths();
    this.unknown = unknown;
    this.scores = scores;
  }

  private void ensure(int chars, int nodes) {
    if (before.length < chars + 2) {
      int capacity = 2 * chars + 2;
      before = new float[capacity];
      after = new float[capacity];
      groups = new int[capacity];
      best = new int[capacity];
      bestValue = new float[capacity];
      secondValue = new float[capacity];
      firstEnding = new int[capacity];
    }
    if (begins.length < nodes) {
      begins = new int[2 * nodes];
      values = new float[2 * nodes];
      previous = new int[2 * nodes];
      nextEnding = new int[2 * nodes];
    }
  }

  /// The logarithm of the sum of two exponentials.
  private static float logSumExp(float x, float y) {
    float high = Math.max(x, y);
    float difference = Math.min(x, y) - high;
    if (difference < -15.5f) {
      // Less than half of the distance to the next float (2^-21 towards zero from 8 on, 2^-24 from
      // 1 on) changes nothing: e^-15.5 and e^-18 are.
      float size = Math.abs(high);
      if (size >= 8 || size >= 1 && difference < -18 || difference < -ONE_IS_NEGLIGIBLE) {
        return high;
      }
    }
    return (float) (high + Math.log(Math.exp(difference) + 1.0));
  }

  /// Adds to each seed how often it is expected in a text that occurs `count` times; unknown
  /// characters go to the seed `first`.
  void addExpected(int text, float count, float[] expected, int first) {
    int from = all.start(text);
    int to = all.end(text);
    int chars = all.chars(text);
    ensure(chars, 0);
    Arrays.fill(before, 1, chars + 1, Float.NaN);
    before[0] = 0;
    groups[0] = from;
    int place = 0;
    float here = 0;
    for (int k = from; k < to; k++) {
      int id = ids[k];
      float sum = scores[id & Segmentations.ID] + here;
      int end = place + lengths[k];
      float known = before[end];
      before[end] = Float.isNaN(known) ? sum : logSumExp(known, sum);
      if (id < 0) {
        here = before[++place];
        groups[place] = k + 1;
      }
    }
    after[chars] = 0;
    for (place = chars - 1; place >= 0; place--) {
      int k = groups[place];
      float sum = scores[ids[k] & Segmentations.ID] + after[place + lengths[k]];
      int end = groups[place + 1];
      for (k++; k < end; k++) {
        sum = logSumExp(sum, scores[ids[k] & Segmentations.ID] + after[place + lengths[k]]);
      }
      after[place] = sum;
    }
    float total = before[chars];
    place = 0;
    for (int k = from; k < to; k++) {
      int id = ids[k] & Segmentations.ID;
      float log = before[place] + scores[id] + after[place + lengths[k]] - total;
      int to1 = id == unknown ? first : id;
      expected[to1] = (float) (expected[to1] + count * Math.exp(log));
      place -= ids[k] >> 31;
    }
  }

  /// Adds a text's count to each seed of its best segmentation; of equal ones the first left node
  /// stays.
  void addBest(int text, float count, float[] frequencies, int first) {
    int from = all.start(text);
    int chars = all.chars(text);
    for (int node = best(text, Segmentations.ID); node >= 0; node = previous[node]) {
      int id = ids[from + node] & Segmentations.ID;
      frequencies[id == unknown ? first : id] += count;
    }
  }

  /// The last node of the best path, without one seed; negative when there is none.
  private int best(int text, int without) {
    int from = all.start(text);
    int nodes = all.end(text) - from;
    int chars = all.chars(text);
    ensure(chars, nodes);
    Arrays.fill(firstEnding, 0, chars + 1, -1);
    Arrays.fill(bestValue, 0, chars + 1, Float.NEGATIVE_INFINITY);
    Arrays.fill(secondValue, 0, chars + 1, Float.NEGATIVE_INFINITY);
    best[0] = -1;
    bestValue[0] = 0;
    int place = 0;
    for (int node = 0; node < nodes; node++) {
      int id = ids[from + node];
      int seed = id & Segmentations.ID;
      if (seed != without) {
        float score = scores[seed];
        int left = left(place, score);
        int end = place + lengths[from + node];
        float value = left < 0 ? score : values[left] + score;
        begins[node] = place;
        previous[node] = left;
        values[node] = value;
        // Kept in reverse: a later node that ends here begins later.
        nextEnding[node] = firstEnding[end];
        firstEnding[end] = node;
        if (value > bestValue[end]) {
          secondValue[end] = bestValue[end];
          bestValue[end] = value;
          best[end] = node;
        } else if (value > secondValue[end]) {
          secondValue[end] = value;
        }
      }
      place -= id >> 31;
    }
    return left(chars, 0);
  }

  /// The best node before one with a score. Sums are rounded, so the score may decide between two
  /// that are close; the first of equal ones stays.
  private int left(int place, float score) {
    if (place == 0) {
      return -1;
    }
    float value = bestValue[place];
    float second = secondValue[place];
    if (value - second > 1e-6f * (Math.abs(second) + Math.abs(score))
        || second == Float.NEGATIVE_INFINITY) {
      return best[place];
    }
    int found = -1;
    float sum = Float.NEGATIVE_INFINITY;
    for (int node = firstEnding[place]; node >= 0; node = nextEnding[node]) {
      if (values[node] + score >= sum) {
        sum = values[node] + score;
        found = node;
      }
    }
    return found;
  }

  /// How a seed would be written without it, for the lattice of its own text: the seeds of the
  /// other way if it is better itself; nothing if the other is better, or if there is no other.
  /// Where two ways are so close that rounding may decide, says so.
  Other other(int text, int self) {
    if (all.chars(text) == 1) {
      return Other.NONE;
    }
    int last = best(text, self);
    int chars = all.chars(text);
    float margin = 1e-3f + 3e-6f * chars * Math.abs(bestValue[chars]);
    float difference = bestValue[chars] - scores[self];
    if (Math.abs(difference) <= margin) {
      return Other.CLOSE;
    }
    if (difference > 0) {
      return Other.BETTER;
    }
    int from = all.start(text);
    int count = 0;
    int place = chars;
    for (int node = last; node >= 0; node = previous[node]) {
      if (bestValue[place] - secondValue[place] <= margin) {
        return Other.CLOSE;
      }
      place = begins[node];
      count++;
    }
    int[] seeds = new int[count];
    for (int node = last; node >= 0; node = previous[node]) {
      seeds[--count] = ids[from + node] & Segmentations.ID;
    }
    return new Other(Other.Kind.WORSE, seeds);
  }

  /// Another way to write a piece.
  ///
  /// @param kind how it compares
  /// @param seeds its pieces, where they matter
  @SuppressWarnings("ArrayRecordComponent")
  record Other(Kind kind, int[] seeds) {
    static final Other NONE = new Other(Kind.NONE, new int[0]);
    static final Other BETTER = new Other(Kind.BETTER, new int[0]);
    static final Other CLOSE = new Other(Kind.CLOSE, new int[0]);

    /// How another way compares with the piece itself.
    enum Kind {
      /// There is no other.
      NONE,
      /// It is better.
      BETTER,
      /// It is worse.
      WORSE,
      /// Rounding may decide.
      CLOSE
    }
  }
}
