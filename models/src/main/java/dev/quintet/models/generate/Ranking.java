package dev.quintet.models.generate;

import dev.quintet.core.backend.Distribution;
import java.util.Arrays;

/// The places of the largest of a few values, in order; of equal ones the earlier comes first.
final class Ranking {
  private final float[] values;
  private final boolean[] taken;
  private final int[] best;

  /// @param count how many values
  /// @param wanted how many of them are ranked
  Ranking(int count, int wanted) {
    values = new float[count];
    taken = new boolean[count];
    best = new int[wanted];
  }

  void set(int place, float value) {
    values[place] = value;
  }

  float value(int place) {
    return values[place];
  }

  /// The places of the largest values, until the next call.
  int[] best() {
    Arrays.fill(taken, false);
    for (int k = 0; k < best.length; k++) {
      int place = -1;
      for (int i = 0; i < values.length; i++) {
        if (!taken[i] && (place < 0 || Distribution.greater(values[i], values[place]))) {
          place = i;
        }
      }
      best[k] = place;
      taken[place] = true;
    }
    return best;
  }
}
