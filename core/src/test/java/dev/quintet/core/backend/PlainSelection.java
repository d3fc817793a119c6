package dev.quintet.core.backend;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// Choosing tokens as it is defined, in float64; and how far a choice is from another one.
final class PlainSelection {
  private final Selection rule;
  private final double[] scores;
  private double margin = Double.POSITIVE_INFINITY;

  PlainSelection(Selection rule, float[] logits) {
    this.rule = rule;
    this.scores = Values.doubles(logits);
    for (int id : rule.forbidden()) {
      scores[id] = Double.NEGATIVE_INFINITY;
    }
  }

  /// The token that is chosen by a number; -1 where there is none.
  int choose(double number) {
    if (!rule.draws()) {
      return PlainReduction.topK(Values.floats(scores), 1)[0];
    }
    if (Arrays.stream(scores).anyMatch(s -> Double.isNaN(s) || s == Double.POSITIVE_INFINITY)
        || Arrays.stream(scores).allMatch(s -> s == Double.NEGATIVE_INFINITY)) {
      return -1;
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) (scores[i] / rule.temperature());
    }
    best();
    mass();
    share();
    double[] p = probabilities();
    double sum = 0;
    int chosen = -1;
    for (int id = 0; id < p.length; id++) {
      sum += p[id];
      near(sum - number, 1e-9);
      if (chosen < 0 && number < sum) {
        chosen = id;
      }
    }
    return chosen;
  }

  /// Whether another choice was within rounding of this one.
  boolean close() {
    return margin < 1;
  }

  private void near(double distance, double allowed) {
    margin = Math.min(margin, Math.abs(distance) / allowed);
  }

  private void best() {
    if (rule.topK() > 0) {
      double[] sorted = Arrays.stream(scores).sorted().toArray();
      double least = sorted[Math.max(0, sorted.length - rule.topK())];
      forget(id -> scores[id] < least);
    }
  }

  private void mass() {
    if (rule.topP() >= 1) {
      return;
    }
    double[] p = probabilities();
    int[] ascending =
        IntStream.range(0, p.length)
            .boxed()
            .filter(id -> scores[id] != Double.NEGATIVE_INFINITY)
            .sorted(Comparator.comparing((Integer id) -> scores[id]))
            .mapToInt(id -> id)
            .toArray();
    double sum = 0;
    for (int i = 0; i < ascending.length - 1; i++) {
      sum += p[ascending[i]];
      near(sum - (1 - rule.topP()), 1e-6);
      if (sum <= 1 - rule.topP()) {
        scores[ascending[i]] = Double.NEGATIVE_INFINITY;
      }
    }
  }

  private void share() {
    double[] p = probabilities();
    double most = Arrays.stream(p).max().orElse(0);
    for (double one : p) {
      near(rule.minP() == 0 || one == 0 || one == most ? 1 : one / most - rule.minP(), 1e-6);
    }
    forget(id -> p[id] < rule.minP() * most && p[id] < most);
  }

  private void forget(IntPredicate goes) {
    int[] gone = IntStream.range(0, scores.length).filter(goes).toArray();
    for (int id : gone) {
      scores[id] = Double.NEGATIVE_INFINITY;
    }
  }

  private double[] probabilities() {
    double most = Arrays.stream(scores).max().orElse(0);
    double[] p = Arrays.stream(scores).map(s -> Math.exp(s - most)).toArray();
    double sum = Arrays.stream(p).sum();
    return Arrays.stream(p).map(one -> one / sum).toArray();
  }
}
