package dev.quintet.models.generate;

import java.util.List;

/// When sequences end: at a token, at the longest length, by conditions, when the time is up.
final class Ends {
  private final int[] eosIds;
  private final int maxLength;
  private final List<StopCondition> conditions;
  private final long nanoseconds;
  private long begin;

  Ends(GenerationConfig config, int maxLength, List<StopCondition> conditions) {
    this.eosIds = config.eosIds();
    this.maxLength = maxLength;
    this.conditions = conditions;
    this.nanoseconds =
        config.maxSeconds().map(seconds -> (long) (1e9 * seconds)).orElse(Long.MAX_VALUE);
  }

  /// Starts the clock.
  void begin() {
    begin = System.nanoTime();
  }

  /// Whether the time is up.
  boolean late() {
    return nanoseconds < Long.MAX_VALUE && System.nanoTime() - begin > nanoseconds;
  }

  /// Whether a sequence ends behind its last id, if there is time.
  boolean at(Sequence sequence) {
    if (sequence.length() >= maxLength || isEnd(sequence.id(sequence.length() - 1))) {
      return true;
    }
    for (StopCondition condition : conditions) {
      if (condition.stops(sequence)) {
        return true;
      }
    }
    return false;
  }

  int count() {
    return eosIds.length;
  }

  private boolean isEnd(int id) {
    for (int eos : eosIds) {
      if (id == eos) {
        return true;
      }
    }
    return false;
  }
}
