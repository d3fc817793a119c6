package dev.quintet.trainer.statistics;

import dev.quintet.core.random.Philox;
import dev.quintet.core.random.Site;
import java.util.BitSet;
import java.util.List;

/// Which units two systems swap their answers to, in each trial of an approximate randomization.
public interface Swaps {

  /// How many trials there are.
  int count();

  /// The units that are swapped in one. Called from several threads.
  BitSet draw(int number);

  /// Each unit with probability 1/2, by a seed.
  ///
  /// @throws IllegalArgumentException if there is no unit or no trial
  static Swaps seeded(int units, int count, long seed) {
    if (units < 1 || count < 1) {
      throw new IllegalArgumentException(
          "Swaps.seeded: expected at least 1 unit and 1 trial, got %d and %d"
              .formatted(units, count));
    }
    return new Swaps() {
      @Override
      public int count() {
        return count;
      }

      @Override
      public BitSet draw(int number) {
        var random = Philox.of(seed, Site.mix64(Site.of("randomization") + number));
        var swapped = new BitSet(units);
        for (int unit = 0; unit < units; unit++) {
          swapped.set(unit, random.nextBoolean());
        }
        return swapped;
      }
    };
  }

  /// Drawn by somebody else.
  static Swaps recorded(List<BitSet> draws) {
    return new Swaps() {
      @Override
      public int count() {
        return draws.size();
      }

      @Override
      public BitSet draw(int number) {
        return (BitSet) draws.get(number).clone();
      }
    };
  }
}
