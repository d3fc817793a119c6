package dev.quintet.trainer.search;

import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// All sets of values in order, the last parameter changing fastest.
final class GridSampler implements Sampler {
  private final List<SequencedMap<String, Object>> grid;

  GridSampler(Space space) {
    grid = space.grid();
  }

  @Override
  public Optional<Proposal> propose(int trial, List<Seen> seen) {
    return trial < grid.size() ? Optional.of(new Proposal(grid.get(trial))) : Optional.empty();
  }
}
