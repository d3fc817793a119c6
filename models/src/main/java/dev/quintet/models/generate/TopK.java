package dev.quintet.models.generate;

import dev.quintet.core.backend.Selection;
import dev.quintet.core.backend.Thinning;
import java.util.Optional;

/// Leaves the k likeliest tokens, and what equals the last of them.
final class TopK implements Selectable {
  private final int k;
  private final Thinning thinning = new Thinning();

  TopK(int k) {
    this.k = k;
  }

  @Override
  public void process(Sequence sequence, float[] scores) {
    thinning.best(scores, k);
  }

  @Override
  public Optional<Selection> join(Selection rule, int length, int prompt) {
    return Optional.of(rule.withTopK(k));
  }
}
