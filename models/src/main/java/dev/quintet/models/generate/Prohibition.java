package dev.quintet.models.generate;

import dev.quintet.core.backend.Selection;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/// The processors that forbid tokens, or all but one.
final class Prohibition {
  private Prohibition() {}

  /// Ids that are no tokens are nothing to forbid, as in transformers.
  static void forbid(int[] ids, float[] scores) {
    for (int id : ids) {
      if (id >= 0 && id < scores.length) {
        scores[id] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /// A rule with some ids forbidden too.
  static Selection forbid(int[] ids, Selection rule) {
    IntStream before = rule.forbidden().stream().mapToInt(id -> id);
    return rule.withForbidden(
        IntStream.concat(before, Arrays.stream(ids)).distinct().boxed().toList());
  }

  static void force(int[] ids, float[] scores) {
    Arrays.fill(scores, Float.NEGATIVE_INFINITY);
    for (int id : ids) {
      scores[checked(id, "a forced token", scores)] = 0;
    }
  }

  /// An id, if it is a token's.
  ///
  /// @param what for the message
  static int checked(int id, String what, float[] scores) {
    checked(id, what, scores.length);
    return id;
  }

  /// Checks that an id is a token's.
  ///
  /// @param size how many tokens there are
  static void checked(int id, String what, int size) {
    if (id < 0 || id >= size) {
      throw new IllegalArgumentException(
          what + ": " + id + " is no token; the model's are 0 to " + (size - 1));
    }
  }

  /// Forbids tokens always.
  record Suppressed(int[] ids) implements Selectable {
    @Override
    public void process(Sequence sequence, float[] scores) {
      forbid(ids, scores);
    }

    @Override
    public Optional<Selection> join(Selection rule, int length, int prompt) {
      return Optional.of(forbid(ids, rule));
    }
  }

  /// Forbids tokens at one place.
  record SuppressedAt(int[] ids, int length) implements Selectable {
    @Override
    public void process(Sequence sequence, float[] scores) {
      if (sequence.length() == length) {
        forbid(ids, scores);
      }
    }

    @Override
    public Optional<Selection> join(Selection rule, int now, int prompt) {
      return Optional.of(now == length ? forbid(ids, rule) : rule);
    }
  }

  /// Allows nothing but these tokens when the sequence has a given length.
  record ForcedAt(int[] ids, int length) implements Selectable {
    @Override
    public void process(Sequence sequence, float[] scores) {
      if (sequence.length() == length) {
        force(ids, scores);
      }
    }

    @Override
    public Optional<Selection> join(Selection rule, int now, int prompt) {
      return now == length ? Optional.empty() : Optional.of(rule);
    }
  }

  /// Replaces what is no finite number: 0 for NaN, the largest and smallest float for infinities.
  record Invalid() implements LogitsProcessor {
    @Override
    public void process(Sequence sequence, float[] scores) {
      for (int i = 0; i < scores.length; i++) {
        float score = Float.isNaN(scores[i]) ? 0 : scores[i];
        scores[i] = Math.clamp(score, -Float.MAX_VALUE, Float.MAX_VALUE);
      }
    }
  }
}
