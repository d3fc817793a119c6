package dev.quintet.models.generate;

import java.util.ArrayList;
import java.util.List;

/// The processors that options ask for, in transformers' order.
final class Processors {
  private Processors() {}

  /// Builds the list.
  ///
  /// @param config the options
  /// @param promptLength ids given to the decoder
  /// @param own the user's, behind the others
  static List<LogitsProcessor> of(
      GenerationConfig config, int promptLength, List<LogitsProcessor> own) {
    int[] eos = config.eosIds();
    var list = new ArrayList<LogitsProcessor>();
    addIf(
        list,
        config.encoderRepetitionPenalty() != 1,
        new Repetition.SourcePenalty(config.encoderRepetitionPenalty()));
    addIf(
        list, config.repetitionPenalty() != 1, new Repetition.Penalty(config.repetitionPenalty()));
    addIf(list, config.noRepeatNgram() > 0, new Repetition.Ngram(config.noRepeatNgram()));
    addIf(
        list,
        config.encoderNoRepeatNgram() > 0,
        new Repetition.SourceNgram(config.encoderNoRepeatNgram()));
    addIf(list, config.badWords().length > 0, new Prohibition.BadWords(config.badWords(), eos));
    addIf(list, config.minLength() > 0, new Ending.NotBefore(config.minLength(), eos));
    addIf(list, config.minNewTokens() > 0, new Ending.NotWithin(config.minNewTokens(), eos));
    config.forcedBos().ifPresent(id -> list.add(new Prohibition.ForcedAt(new int[] {id}, 1)));
    addIf(
        list,
        config.forcedEos().length > 0,
        new Prohibition.ForcedAt(config.forcedEos(), config.maxLength(promptLength) - 1));
    addIf(list, config.removeInvalid(), new Prohibition.Invalid());
    config.exponentialDecay().ifPresent(decay -> list.add(new Ending.Pull(decay, eos)));
    addIf(list, config.suppressed().length > 0, new Prohibition.Suppressed(config.suppressed()));
    boolean forcedFirst = promptLength == 1 && config.forcedBos().isPresent();
    addIf(
        list,
        config.suppressedFirst().length > 0,
        new Prohibition.SuppressedAt(
            config.suppressedFirst(), promptLength + (forcedFirst ? 1 : 0)));
    list.addAll(own);
    addIf(list, config.renormalized(), new Renormalized());
    return list;
  }

  /// Makes the scores log-probabilities again.
  record Renormalized() implements LogitsProcessor {
    @Override
    public void process(Sequence sequence, float[] scores) {
      float most = Float.NEGATIVE_INFINITY;
      for (float score : scores) {
        most = Math.max(most, score);
      }
      double sum = 0;
      for (float score : scores) {
        sum += Math.exp(score - most);
      }
      float norm = most + (float) Math.log(sum);
      for (int i = 0; i < scores.length; i++) {
        scores[i] -= norm;
      }
    }
  }

  private static void addIf(List<LogitsProcessor> list, boolean wanted, LogitsProcessor one) {
    if (wanted) {
      list.add(one);
    }
  }
}
