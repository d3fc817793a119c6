package dev.quintet.trainer.search;

import dev.quintet.core.random.Philox;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Each trial by chance, whatever came before.
final class RandomSampler implements Sampler {
  private final Space space;
  private final long seed;

  RandomSampler(Space space, long seed) {
    this.space = space;
    this.seed = seed;
  }

  @Override
  public Optional<Proposal> propose(int trial, List<Seen> seen) {
    return Optional.of(new Proposal(space.at(units(seed, trial, space.dimensions()))));
  }

  /// A point of the unit cube.
  static double[] units(long seed, long stream, int dimensions) {
    Philox random = Philox.of(seed, stream);
    double[] units = new double[dimensions];
    Arrays.setAll(units, _ -> random.nextDouble());
    return units;
  }
}
