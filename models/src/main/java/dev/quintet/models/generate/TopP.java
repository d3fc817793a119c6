package dev.quintet.models.generate;

import dev.quintet.core.backend.Selection;
import dev.quintet.core.backend.Thinning;
import java.util.Optional;

/// Leaves the likeliest tokens that together reach a probability: takes away from the least likely on, as long as what is
/// taken adds up to at most 1 - p.
final class TopP implements Selectable {
  private final double p;
  private final int keep;
  private final Thinning thinning = new Thinning();

  TopP(double p, int keep) {
    this.p = p;
    this.keep = keep;
  }

  @Override
  public void process(Sequence sequence, float[] scores) {
    thinning.mass(scores, p, keep);
  }

  @Override
  public Optional<Selection> join(Selection rule, int length, int prompt) {
    return keep == 1 ? Optional.of(rule.withTopP(p)) : Optional.empty();
  }
}
