package dev.quintet.models.generate;

import dev.quintet.core.backend.Distribution;
import dev.quintet.core.backend.Selection;
import dev.quintet.core.backend.Thinning;
import java.util.Optional;

/// The processors that take away what is less likely than a bound.
final class Cutoff {
  private Cutoff() {}

  /// Leaves tokens of at least a share of the likeliest's probability.
  static final class MinP implements Selectable {
    private final float share;
    private final int keep;
    private final Thinning thinning = new Thinning();

    MinP(float share, int keep) {
      this.share = share;
      this.keep = keep;
    }

    @Override
    public void process(Sequence sequence, float[] scores) {
      thinning.share(scores, share, keep);
    }

    @Override
    public Optional<Selection> join(Selection rule, int length, int prompt) {
      return keep == 1 ? Optional.of(rule.withMinP(share)) : Optional.empty();
    }
  }

  /// Leaves tokens of at least a probability.
  static final class Epsilon extends Bounded {
    private final float epsilon;

    Epsilon(float epsilon, int keep) {
      super(keep);
      this.epsilon = epsilon;
    }

    @Override
    float bound(float[] scores) {
      return epsilon;
    }
  }

  /// Leaves tokens of at least a probability that is lower the flatter the distribution is.
  static final class Eta extends Bounded {
    private final float epsilon;

    Eta(float epsilon, int keep) {
      super(keep);
      this.epsilon = epsilon;
    }

    @Override
    float bound(float[] scores) {
      float flat = (float) StrictMath.exp(-(float) Distribution.entropy(scores));
      return Math.min(epsilon, (float) Math.sqrt(epsilon) * flat);
    }
  }

  private abstract static class Bounded implements LogitsProcessor {
    private final int keep;
    private final Thinning thinning = new Thinning();

    Bounded(int keep) {
      this.keep = keep;
    }

    abstract float bound(float[] scores);

    @Override
    public void process(Sequence sequence, float[] scores) {
      var _ = thinning.probabilities(scores);
      thinning.least(scores, bound(scores), keep);
    }
  }
}
