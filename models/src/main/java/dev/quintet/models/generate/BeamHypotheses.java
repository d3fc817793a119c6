package dev.quintet.models.generate;

import dev.quintet.models.generate.GenerationConfig.EarlyStopping;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The sequences of one input under beam search: K that run and K that have ended.
final class BeamHypotheses {
  // What stands for impossible; not infinite, as sums and quotients of it are compared.
  private static final float NEVER = -1e9f;

  private final GenerationConfig config;
  private final int beams;
  private final int maxLength;
  private List<Running> running = new ArrayList<>();
  private List<Finished> finished = new ArrayList<>();
  private boolean open = true;

  /// A sequence that runs on.
  ///
  /// @param score the sum of its processed log-probabilities
  /// @param origin the beam that it was made from
  private record Running(float score, Sequence sequence, int origin) {}

  /// A sequence that has ended, or a place for one.
  ///
  /// @param score over its length to the power of the length penalty
  /// @param real whether it has ended
  record Finished(float score, Sequence sequence, boolean real) {}

  /// A continuation of a beam.
  private record Candidate(float score, int beam, int token) {}

  BeamHypotheses(GenerationConfig config, Sequence start, int maxLength) {
    this.config = config;
    this.beams = config.beams();
    this.maxLength = maxLength;
    for (int k = 0; k < beams; k++) {
      running.add(new Running(k == 0 ? 0 : NEVER, start, k));
      finished.add(new Finished(NEVER, start, false));
    }
  }

  List<Sequence> running() {
    return running.stream().map(Running::sequence).toList();
  }

  /// For each running beam the one of the step before that it goes on from.
  int[] origins() {
    return running.stream().mapToInt(Running::origin).toArray();
  }

  List<Finished> finished() {
    return finished;
  }

  boolean full() {
    return finished.stream().allMatch(Finished::real);
  }

  /// Whether a running beam may still become better than a finished sequence.
  boolean open() {
    return open;
  }

  /// Takes one step; returns whether every candidate ended.
  ///
  /// @param scores `[K, V]`, processed log-probabilities
  boolean advance(float[][] scores) {
    List<Candidate> candidates = candidates(scores);
    boolean wasFull = full();
    var next = new ArrayList<Running>();
    var merged = new ArrayList<>(finished);
    boolean allEnd = true;
    for (int j = 0; j < candidates.size(); j++) {
      Candidate candidate = candidates.get(j);
      Sequence longer = running.get(candidate.beam()).sequence().with(candidate.token());
      boolean ends = longer.length() >= maxLength || isEnd(candidate.token());
      allEnd &= ends;
      next.add(new Running(candidate.score() + (ends ? NEVER : 0), longer, candidate.beam()));
      boolean counts = ends && j < beams;
      float score = normalised(candidate.score(), longer.length());
      boolean late = config.earlyStopping() == EarlyStopping.AS_SOON_AS_FULL && wasFull;
      score += (late ? NEVER : 0) + (open ? 0 : NEVER) + (counts ? 0 : NEVER);
      merged.add(new Finished(score, longer, counts));
    }
    // Both sorts are stable: the earlier entry wins a tie.
    next.sort(Comparator.comparingDouble(Running::score).reversed());
    merged.sort(Comparator.comparingDouble(Finished::score).reversed());
    running = List.copyOf(next.subList(0, beams));
    finished = List.copyOf(merged.subList(0, beams));
    open &= mayImprove();
    return allEnd;
  }

  private boolean mayImprove() {
    Running best = running.getFirst();
    boolean hopeful =
        config.earlyStopping() == EarlyStopping.WHEN_IMPOSSIBLE && config.lengthPenalty() > 0;
    float reachable = normalised(best.score(), hopeful ? maxLength : best.sequence().length());
    float worst = Float.POSITIVE_INFINITY;
    for (Finished one : finished) {
      worst = Math.min(worst, one.score());
    }
    for (Finished one : finished) {
      if (reachable > (one.real() ? worst : NEVER)) {
        return true;
      }
    }
    return false;
  }

  private float normalised(float score, int length) {
    int generated = length - running.getFirst().sequence().promptLength();
    return score / (float) Math.pow(generated, config.lengthPenalty());
  }

  /// The best continuations of all beams, the best first.
  private List<Candidate> candidates(float[][] scores) {
    int wanted = Math.max(2, 1 + config.eosIds().length) * beams;
    var best = new ArrayList<Candidate>();
    for (int beam = 0; beam < beams; beam++) {
      float sum = running.get(beam).score();
      for (int token = 0; token < scores[beam].length; token++) {
        float score = scores[beam][token] + sum;
        if (best.size() < wanted || score > best.getLast().score()) {
          insert(best, new Candidate(score, beam, token), wanted);
        }
      }
    }
    return best;
  }

  private static void insert(List<Candidate> best, Candidate candidate, int wanted) {
    int place = best.size();
    while (place > 0 && best.get(place - 1).score() < candidate.score()) {
      place--;
    }
    best.add(place, candidate);
    if (best.size() > wanted) {
      best.removeLast();
    }
  }

  private boolean isEnd(int token) {
    for (int eos : config.eosIds()) {
      if (token == eos) {
        return true;
      }
    }
    return false;
  }
}
