package dev.quintet.models.generate;

import dev.quintet.core.backend.Distribution;
import dev.quintet.core.random.Philox;
import java.util.Arrays;

/// The continuations of one input's beams that a step looks at: the best ones, or ones drawn at random, in the order in
/// which they were drawn.
final class Candidates {
  private final int beams;
  private final int vocabulary;
  private final int count;
  private final boolean drawn;
  private final Philox random;
  private final float[] scores;
  private final int[] beam;
  private final int[] token;
  private final boolean[] ended;
  private int found;
  // Of what can be drawn: weights, and places beam * V + token.
  private double[] weights = {};
  private int[] places = {};

  /// @param vocabulary V
  /// @param count how many
  /// @param drawn whether they are drawn at random
  /// @param random draws them
  Candidates(int beams, int vocabulary, int count, boolean drawn, Philox random) {
    if ((long) beams * vocabulary < count) {
      throw new IllegalArgumentException(
          "num_beams " + beams + " needs " + count + " continuations, more than there are tokens");
    }
    this.vocabulary = vocabulary;
    this.beams = beams;
    this.count = count;
    this.drawn = drawn;
    this.random = random;
    this.scores = new float[count];
    this.beam = new int[count];
    this.token = new int[count];
    this.ended = new boolean[count];
  }

  /// Takes continuations that were found elsewhere, in their order.
  void take(DeviceChoice.Best best, int from) {
    for (int j = 0; j < count; j++) {
      int place = best.places()[from + j];
      put(j, best.scores()[from + j], place / vocabulary, place % vocabulary);
    }
    found = count;
  }

  int count() {
    return count;
  }

  /// The sum of the log-probabilities of a candidate.
  float score(int j) {
    return scores[j];
  }

  /// The beam that a candidate continues.
  int beam(int j) {
    return beam[j];
  }

  /// The token that continues it.
  int token(int j) {
    return token[j];
  }

  /// Whether a candidate is among the finished sequences.
  boolean ended(int j) {
    return ended[j];
  }

  void end(int j, boolean ends) {
    ended[j] = ends;
  }

  /// Finds them.
  ///
  /// @param all processed log-probabilities, `[rows, V]`
  /// @param first the input's first row
  /// @param sums the beams' scores so far
  void find(float[][] all, int first, float[] sums) {
    found = 0;
    if (drawn) {
      draw(all, first, sums);
    }
    if (found < count) {
      best(all, first, sums);
    }
  }

  /// The best ones, behind those drawn; those have a weight above 0, the others have none.
  private void best(float[][] all, int first, float[] sums) {
    float most = drawn ? most(all, first, sums) : 0;
    int begin = found;
    for (int b = 0; b < beams; b++) {
      float[] row = all[first + b];
      float sum = sums[b];
      for (int id = 0; id < row.length; id++) {
        float score = row[id] + sum;
        boolean better = found < count || !(score <= scores[count - 1]);
        if (better && !(drawn && Distribution.exponential(score, most) > 0)) {
          insert(score, b, id, begin);
        }
      }
    }
  }

  private void insert(float score, int b, int id, int begin) {
    int place = Math.min(found, count - 1);
    if (found == count && !Distribution.greater(score, scores[place])) {
      return;
    }
    while (place > begin && Distribution.greater(score, scores[place - 1])) {
      move(place - 1, place);
      place--;
    }
    put(place, score, b, id);
    found = Math.min(found + 1, count);
  }

  private void move(int from, int to) {
    put(to, scores[from], beam[from], token[from]);
  }

  private void put(int place, float score, int b, int id) {
    scores[place] = score;
    beam[place] = b;
    token[place] = id;
  }

  private float most(float[][] all, int first, float[] sums) {
    float most = Float.NEGATIVE_INFINITY;
    for (int b = 0; b < beams; b++) {
      most = Math.max(most, Distribution.largest(all[first + b]) + sums[b]);
    }
    return most;
  }

  /// Draws without replacement from the softmax of all scores.
  private void draw(float[][] all, int first, float[] sums) {
    float most = most(all, first, sums);
    if (!(most > Float.NEGATIVE_INFINITY && most < Float.POSITIVE_INFINITY)) {
      throw new IllegalStateException(
          "no token can be drawn: the processors forbid all, or scores are no numbers (see"
              + " remove_invalid_values)");
    }
    int size = 0;
    double total = 0;
    for (int b = 0; b < beams; b++) {
      float[] row = all[first + b];
      for (int id = 0; id < row.length; id++) {
        double weight = Distribution.exponential(row[id] + sums[b], most);
        if (weight > 0) {
          if (size == places.length) {
            makeRoom(beams * row.length);
          }
          places[size] = b * row.length + id;
          weights[size++] = weight;
          total += weight;
        }
      }
    }
    int wanted = Math.min(count, size);
    while (found < wanted) {
      int drawnPlace = place(size, random.nextDouble() * total);
      int b = places[drawnPlace] / vocabulary;
      int id = places[drawnPlace] % vocabulary;
      put(found++, all[first + b][id] + sums[b], b, id);
      weights[drawnPlace] = 0;
      total = 0;
      for (int i = 0; i < size; i++) {
        total += weights[i];
      }
    }
  }

  private int place(int size, double rest) {
    int last = 0;
    for (int i = 0; i < size; i++) {
      if (weights[i] > 0) {
        if (rest < weights[i]) {
          return i;
        }
        rest -= weights[i];
        last = i;
      }
    }
    return last;
  }

  private void makeRoom(int most) {
    int room = (int) Math.min(most, Math.max(1024, 2L * places.length));
    places = Arrays.copyOf(places, room);
    weights = Arrays.copyOf(weights, room);
  }
}
