package dev.quintet.models.generate;

import java.util.Arrays;

/// The processors against repetition.
final class Repetition {
  private Repetition() {}

  /// Scores of ids already there are divided by the penalty if positive, multiplied if negative; the
  /// start id counts too.
  record Penalty(float penalty) implements LogitsProcessor {
    @Override
    public void process(Sequence sequence, float[] scores) {
      penalise(sequence.ids(), penalty, scores);
    }
  }

  /// The same with the inverse penalty over the input's ids, padding included: it favours them.
  record SourcePenalty(float penalty) implements LogitsProcessor {
    @Override
    public void process(Sequence sequence, float[] scores) {
      penalise(sequence.source().clone(), (float) (1.0 / penalty), scores);
    }
  }

  private static void penalise(int[] ids, float penalty, float[] scores) {
    Arrays.sort(ids);
    for (int i = 0; i < ids.length; i++) {
      if (i == 0 || ids[i] != ids[i - 1]) {
        float score = scores[ids[i]];
        scores[ids[i]] = score < 0 ? score * penalty : score / penalty;
      }
    }
  }

  /// Forbids what would complete a run of n ids that is already there.
  record Ngram(int n) implements LogitsProcessor {
    @Override
    public void process(Sequence sequence, float[] scores) {
      int[] ids = sequence.ids();
      if (ids.length >= n) {
        forbidCompletions(ids, ids, n, scores);
      }
    }
  }

  /// Forbids what would complete a run of n ids that stands in the input.
  record SourceNgram(int n) implements LogitsProcessor {
    @Override
    public void process(Sequence sequence, float[] scores) {
      int[] ids = sequence.ids();
      if (ids.length + 1 >= n) {
        forbidCompletions(sequence.source(), ids, n, scores);
      }
    }
  }

  private static void forbidCompletions(int[] runs, int[] ids, int n, float[] scores) {
    int from = ids.length - (n - 1);
    for (int i = 0; i + n <= runs.length; i++) {
      if (Arrays.equals(runs, i, i + n - 1, ids, from, ids.length)) {
        scores[runs[i + n - 1]] = Float.NEGATIVE_INFINITY;
      }
    }
  }
}
