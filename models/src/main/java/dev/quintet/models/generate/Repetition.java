package dev.quintet.models.generate;

import java.util.Arrays;

/// The processors against repetition.
final class Repetition {
  private Repetition() {}

  /// Scores of ids already there are divided by the penalty if positive, multiplied if negative; the
  /// start id counts too.
  static final class Penalty implements LogitsProcessor {
    private final float penalty;
    private final OnceEach once = new OnceEach();

    Penalty(float penalty) {
      this.penalty = penalty;
    }

    @Override
    public void process(Sequence sequence, float[] scores) {
      once.penalise(sequence.buffer(), sequence.length(), penalty, scores);
    }
  }

  /// The same with the inverse penalty over the input's ids, padding included: it favours them.
  static final class SourcePenalty implements LogitsProcessor {
    private final float penalty;
    private final OnceEach once = new OnceEach();

    SourcePenalty(float penalty) {
      this.penalty = (float) (1.0 / penalty);
    }

    @Override
    public void process(Sequence sequence, float[] scores) {
      once.penalise(sequence.source(), sequence.source().length, penalty, scores);
    }
  }

  /// Applies a penalty once to each of some ids.
  private static final class OnceEach {
    private int[] sorted = {};

    void penalise(int[] ids, int count, float penalty, float[] scores) {
      if (sorted.length < count) {
        sorted = new int[Math.max(count, ids.length)];
      }
      System.arraycopy(ids, 0, sorted, 0, count);
      Arrays.sort(sorted, 0, count);
      for (int i = 0; i < count; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1]) {
          float score = scores[sorted[i]];
          scores[sorted[i]] = score < 0 ? score * penalty : score / penalty;
        }
      }
    }
  }

  /// Forbids what would complete a run of n ids that is already there.
  record Ngram(int n) implements LogitsProcessor {
    @Override
    public void process(Sequence sequence, float[] scores) {
      if (sequence.length() >= n) {
        forbidCompletions(sequence.buffer(), sequence.length(), sequence, n, scores);
      }
    }
  }

  /// Forbids what would complete a run of n ids that stands in the input.
  record SourceNgram(int n) implements LogitsProcessor {
    @Override
    public void process(Sequence sequence, float[] scores) {
      if (sequence.length() + 1 >= n) {
        forbidCompletions(sequence.source(), sequence.source().length, sequence, n, scores);
      }
    }
  }

  private static void forbidCompletions(
      int[] runs, int count, Sequence sequence, int n, float[] scores) {
    int from = sequence.length() - (n - 1);
    for (int i = 0; i + n <= count; i++) {
      if (sequence.startsAt(from, runs, i, n - 1)) {
        scores[runs[i + n - 1]] = Float.NEGATIVE_INFINITY;
      }
    }
  }
}
