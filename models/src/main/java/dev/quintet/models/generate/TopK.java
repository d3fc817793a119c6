package dev.quintet.models.generate;

/// Leaves the k likeliest tokens, and what equals the last of them.
final class TopK implements LogitsProcessor {
  private final int k;
  private float[] heap = {};

  TopK(int k) {
    this.k = k;
  }

  @Override
  public void process(Sequence sequence, float[] scores) {
    int count = Math.min(k, scores.length);
    if (heap.length < count) {
      heap = new float[count];
    }
    float least = Distribution.kthLargest(scores, count, heap);
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] < least) {
        scores[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }
}
