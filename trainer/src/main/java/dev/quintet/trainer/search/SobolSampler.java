package dev.quintet.trainer.search;

import dev.quintet.core.random.Site;
import java.util.List;
import java.util.Optional;

/// Points that fill the space evenly, moved by a vector of the seed.
final class SobolSampler implements Sampler {
  private static final long SHIFT = Site.of("search.shift");

  private final Space space;
  private final double[] shift;

  SobolSampler(Space space, long seed) {
    CommonsMath.require();
    this.space = space;
    shift = RandomSampler.units(seed, SHIFT, space.dimensions());
  }

  @Override
  public Optional<Proposal> propose(int trial, List<Seen> seen) {
    return Optional.of(new Proposal(space.at(units(trial))));
  }

  /// A trial's place: the sequence without its first point, which is a corner.
  double[] units(int trial) {
    return Sobol.shifted(Sobol.points(space.dimensions(), trial + 1, 1)[0], shift);
  }
}
