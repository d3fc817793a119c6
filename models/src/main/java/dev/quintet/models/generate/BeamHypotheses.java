package dev.quintet.models.generate;

import dev.quintet.models.generate.GenerationConfig.EarlyStopping;
import java.util.Arrays;

/// The sequences of one input under beam search: K that run and K that have ended.
///
/// All are made at the start; a step copies ids from one to another.
final class BeamHypotheses {
  // What stands for impossible; not infinite, as sums and quotients of it are compared.
  private static final float NEVER = -1e9f;

  private final GenerationConfig config;
  private final Ends ends;
  private final int first;
  private final int beams;
  private final int maxLength;
  private final Candidates candidates;
  private final Sequence probe;
  private final Sequence[] rows;
  private final float[] sums;
  private final Sequence[] before;
  private Sequence[] finished;
  private Sequence[] spare;
  private final float[] scores;
  private final boolean[] real;
  private final boolean[] realNext;
  private final Ranking running;
  private final Ranking merged;
  private boolean open = true;

  /// Starts with one beam; the others are impossible.
  ///
  /// @param first the input's first row
  BeamHypotheses(GenerationConfig config, Decoding decoding, int first) {
    this.config = config;
    this.ends = decoding.ends();
    this.first = first;
    this.beams = config.beams();
    this.maxLength = decoding.maxLength();
    this.candidates =
        new Candidates(
            beams,
            decoding.vocabulary(),
            Math.max(2, 1 + ends.count()) * beams,
            config.samples(),
            decoding.random(first));
    this.rows = decoding.rows();
    this.probe = rows[first].copy();
    this.before = copies(rows[first], beams);
    this.finished = copies(rows[first], beams);
    this.spare = copies(rows[first], beams);
    this.sums = new float[beams];
    Arrays.fill(sums, 1, beams, NEVER);
    this.scores = new float[beams];
    Arrays.fill(scores, NEVER);
    this.real = new boolean[beams];
    this.realNext = new boolean[beams];
    this.running = new Ranking(candidates.count(), beams);
    this.merged = new Ranking(beams + candidates.count(), beams);
  }

  private static Sequence[] copies(Sequence start, int count) {
    var copies = new Sequence[count];
    Arrays.setAll(copies, k -> start.copy());
    return copies;
  }

  /// The k-th best sequence that has ended.
  Sequence finished(int k) {
    return finished[k];
  }

  /// Its score: the sum of its processed log-probabilities over its length to the power of the length penalty.
  float score(int k) {
    return scores[k];
  }

  boolean full() {
    for (boolean one : real) {
      if (!one) {
        return false;
      }
    }
    return true;
  }

  /// Whether a running beam may still become better than a finished sequence.
  boolean open() {
    return open;
  }

  /// How many continuations a step looks at.
  int continuations() {
    return candidates.count();
  }

  /// Writes the beams' scores so far among those of all rows.
  void sums(float[] all) {
    System.arraycopy(sums, 0, all, first, beams);
  }

  /// Finds the continuations.
  ///
  /// @param all processed log-probabilities of all rows, `[rows, V]`
  void find(float[][] all) {
    candidates.find(all, first, sums);
  }

  /// Takes the continuations that were found already, from a place on.
  void take(DeviceChoice.Best best, int from) {
    candidates.take(best, from);
  }

  /// Takes one step with what was found; returns whether every candidate ended.
  ///
  /// @param late whether the time is up, so that all candidates end
  /// @param from receives for each of the input's rows the one that it goes on from
  boolean advance(boolean late, int[] from) {
    for (int k = 0; k < beams; k++) {
      before[k].become(rows[first + k]);
    }
    boolean tooLate = config.earlyStopping() == EarlyStopping.AS_SOON_AS_FULL && full();
    int length = before[0].length() + 1;
    float divisor = power(length - before[0].promptLength());
    boolean allEnd = true;
    for (int k = 0; k < beams; k++) {
      merged.set(k, scores[k]);
    }
    for (int j = 0; j < candidates.count(); j++) {
      probe.become(before[candidates.beam(j)]);
      probe.append(candidates.token(j));
      boolean end = late || ends.at(probe);
      candidates.end(j, end && j < beams);
      allEnd &= end;
      running.set(j, candidates.score(j) + (end ? NEVER : 0));
      float score = candidates.score(j) / divisor;
      score += tooLate ? NEVER : 0;
      score += open ? 0 : NEVER;
      score += candidates.ended(j) ? 0 : NEVER;
      merged.set(beams + j, score);
    }
    finish();
    goOn(from);
    open &= mayImprove();
    return allEnd;
  }

  private void finish() {
    int[] best = merged.best();
    for (int k = 0; k < beams; k++) {
      if (best[k] < beams) {
        spare[k].become(finished[best[k]]);
        realNext[k] = real[best[k]];
      } else {
        int j = best[k] - beams;
        spare[k].become(before[candidates.beam(j)]);
        spare[k].append(candidates.token(j));
        realNext[k] = candidates.ended(j);
      }
      scores[k] = merged.value(best[k]);
    }
    System.arraycopy(realNext, 0, real, 0, beams);
    Sequence[] old = finished;
    finished = spare;
    spare = old;
  }

  private void goOn(int[] from) {
    int[] best = running.best();
    for (int k = 0; k < beams; k++) {
      int j = best[k];
      rows[first + k].become(before[candidates.beam(j)]);
      rows[first + k].append(candidates.token(j));
      sums[k] = running.value(j);
      from[first + k] = first + candidates.beam(j);
    }
  }

  private boolean mayImprove() {
    boolean hopeful =
        config.earlyStopping() == EarlyStopping.WHEN_IMPOSSIBLE && config.lengthPenalty() > 0;
    Sequence best = rows[first];
    int length = (hopeful ? maxLength : best.length()) - best.promptLength();
    float reachable = sums[0] / power(length);
    float worst = Float.POSITIVE_INFINITY;
    for (float score : scores) {
      worst = Math.min(worst, score);
    }
    for (boolean one : real) {
      if (reachable > (one ? worst : NEVER)) {
        return true;
      }
    }
    return false;
  }

  private float power(int generated) {
    return (float) Math.pow(generated, config.lengthPenalty());
  }
}
