package dev.quintet.models.generate;

import dev.quintet.core.backend.Selection;
import java.util.Optional;

/// The processors that put the end off, or bring it on.
final class Ending {
  private Ending() {}

  /// Forbids the end below a length, the start id included.
  record NotBefore(int length, int[] eosIds) implements Selectable {
    @Override
    public void process(Sequence sequence, float[] scores) {
      if (sequence.length() < length) {
        Prohibition.forbid(eosIds, scores);
      }
    }

    @Override
    public Optional<Selection> join(Selection rule, int now, int prompt) {
      return Optional.of(now < length ? Prohibition.forbid(eosIds, rule) : rule);
    }
  }

  /// Forbids the end below a number of ids behind the prompt.
  record NotWithin(int newTokens, int[] eosIds) implements Selectable {
    @Override
    public void process(Sequence sequence, float[] scores) {
      if (sequence.length() - sequence.promptLength() < newTokens) {
        Prohibition.forbid(eosIds, scores);
      }
    }

    @Override
    public Optional<Selection> join(Selection rule, int length, int prompt) {
      return Optional.of(length - prompt < newTokens ? Prohibition.forbid(eosIds, rule) : rule);
    }
  }

  /// Raises the end's score more with each id past a place.
  record Pull(GenerationConfig.Decay decay, int[] eosIds) implements LogitsProcessor {
    @Override
    public void process(Sequence sequence, float[] scores) {
      int past = sequence.length() - sequence.promptLength() - decay.start();
      if (past > 0) {
        float share = (float) (Math.pow(decay.factor(), past) - 1);
        for (int id : eosIds) {
          float score = scores[Prohibition.checked(id, "eos_token_id", scores)];
          scores[id] = score + Math.abs(score) * share;
        }
      }
    }
  }
}
