package dev.quintet.models.generate;

/// The processors that take away what is less likely than a bound.
final class Cutoff {
  private Cutoff() {}

  /// Leaves tokens of at least a share of the likeliest's probability.
  static final class MinP extends Bounded {
    private final float share;

    MinP(float share, int keep) {
      super(keep);
      this.share = share;
    }

    @Override
    float bound(float[] scores, float[] probabilities) {
      return share * Distribution.largest(probabilities);
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
    float bound(float[] scores, float[] probabilities) {
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
    float bound(float[] scores, float[] probabilities) {
      float flat = (float) StrictMath.exp(-(float) Distribution.entropy(scores));
      return Math.min(epsilon, (float) Math.sqrt(epsilon) * flat);
    }
  }

  private abstract static class Bounded implements LogitsProcessor {
    private final float[] heap;
    private float[] probabilities = {};

    Bounded(int keep) {
      heap = new float[keep];
    }

    abstract float bound(float[] scores, float[] probabilities);

    @Override
    public void process(Sequence sequence, float[] scores) {
      if (probabilities.length < scores.length) {
        probabilities = new float[scores.length];
      }
      Distribution.softmax(scores, probabilities);
      float bound = bound(scores, probabilities);
      float kept = Distribution.kthLargest(scores, Math.min(heap.length, scores.length), heap);
      for (int i = 0; i < scores.length; i++) {
        if (probabilities[i] < bound && scores[i] < kept) {
          scores[i] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }
}
