package dev.quintet.trainer.statistics;

import dev.quintet.core.random.Philox;
import dev.quintet.core.random.Site;
import java.util.List;

/// Which units each resample consists of: as many as there are, drawn with replacement.
public interface Resamples {

  /// How many resamples there are.
  int count();

  /// The units of one, from 0. Called from several threads.
  int[] draw(int number);

  /// Drawn by a seed; each resample is a function of the seed and its number.
  ///
  /// @param units how many there are
  /// @throws IllegalArgumentException if there is no unit or no resample
  static Resamples seeded(int units, int count, long seed) {
    if (units < 1 || count < 1) {
      throw new IllegalArgumentException(
          "Resamples.seeded: expected at least 1 unit and 1 resample, got %d and %d"
              .formatted(units, count));
    }
    return new Resamples() {
      @Override
      public int count() {
        return count;
      }

      @Override
      public int[] draw(int number) {
        var random = Philox.of(seed, Site.mix64(Site.of("bootstrap") + number));
        int[] drawn = new int[units];
        for (int i = 0; i < units; i++) {
          drawn[i] = random.nextInt(units);
        }
        return drawn;
      }
    };
  }

  /// Drawn by somebody else.
  static Resamples recorded(List<int[]> draws) {
    List<int[]> all = draws.stream().map(int[]::clone).toList();
    return new Resamples() {
      @Override
      public int count() {
        return all.size();
      }

      @Override
      public int[] draw(int number) {
        return all.get(number).clone();
      }
    };
  }
}
