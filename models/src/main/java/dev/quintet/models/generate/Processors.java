package dev.quintet.models.generate;

import dev.quintet.core.backend.Distribution;
import dev.quintet.core.backend.Selection;
import dev.quintet.core.backend.Thinning;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The processors that options ask for, in transformers' order.
final class Processors {
  private Processors() {}

  /// Builds the list.
  ///
  /// @param config the options
  /// @param promptLength ids given to the decoder
  /// @param allowed the user's rule of what may come
  /// @param own the user's, behind those of greedy decoding
  static List<LogitsProcessor> of(
      GenerationConfig config,
      int promptLength,
      Optional<AllowedTokens> allowed,
      List<LogitsProcessor> own) {
    int[] eos = config.eosIds();
    var list = new ArrayList<LogitsProcessor>();
    addIf(list, !config.sequenceBias().isEmpty(), new SequenceBias(config.sequenceBias()));
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
    addIf(list, config.badWords().length > 0, SequenceBias.forbidding(config.badWords(), eos));
    int minLength = config.minLength(promptLength);
    addIf(list, minLength > 0, new Ending.NotBefore(minLength, eos));
    addIf(list, config.minNewTokens() > 0, new Ending.NotWithin(config.minNewTokens(), eos));
    allowed.ifPresent(rule -> list.add(new Allowed(rule)));
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
    if (config.samples()) {
      addSampling(list, config.sampling(), config.beams() > 1 ? eos.length + 1 : 1);
    }
    addIf(list, config.renormalized(), new Renormalized());
    return list;
  }

  /// What thins the candidates out before one is drawn.
  ///
  /// @param keep how many are left at least: under beams one more than may end
  private static void addSampling(List<LogitsProcessor> list, Sampling sampling, int keep) {
    addIf(list, sampling.temperature() != 1, new Temperature((float) sampling.temperature()));
    sampling.topH().ifPresent(share -> list.add(new TopH((float) (double) share)));
    addIf(list, sampling.topK() > 0, new TopK(Math.max(sampling.topK(), keep)));
    addIf(list, sampling.topP() < 1, new TopP(sampling.topP(), keep));
    sampling.minP().ifPresent(share -> list.add(new Cutoff.MinP((float) (double) share, keep)));
    addIf(list, sampling.typicalP() < 1, new TypicalP((float) sampling.typicalP(), keep));
    addIf(
        list,
        sampling.epsilonCutoff() > 0,
        new Cutoff.Epsilon((float) sampling.epsilonCutoff(), keep));
    addIf(list, sampling.etaCutoff() > 0, new Cutoff.Eta((float) sampling.etaCutoff(), keep));
  }

  /// Divides by a temperature.
  record Temperature(float temperature) implements Selectable {
    @Override
    public void process(Sequence sequence, float[] scores) {
      Thinning.temper(scores, temperature);
    }

    @Override
    public Optional<Selection> join(Selection rule, int length, int prompt) {
      return Optional.of(rule.withTemperature(temperature));
    }
  }

  /// Makes the scores log-probabilities again.
  record Renormalized() implements LogitsProcessor {
    @Override
    public void process(Sequence sequence, float[] scores) {
      float most = Distribution.largest(scores);
      float norm = (float) StrictMath.log(Distribution.exponentials(scores, most));
      for (int i = 0; i < scores.length; i++) {
        scores[i] = scores[i] - most - norm;
      }
    }
  }

  /// The option that asks for a processor.
  static String option(LogitsProcessor processor) {
    return switch (processor) {
      case SequenceBias _ -> "sequence_bias or bad_words_ids";
      case Repetition.SourcePenalty _ -> "encoder_repetition_penalty";
      case Repetition.Penalty _ -> "repetition_penalty";
      case Repetition.Ngram _ -> "no_repeat_ngram_size";
      case Repetition.SourceNgram _ -> "encoder_no_repeat_ngram_size";
      case Allowed _ -> "a rule of allowed tokens";
      case Prohibition.Invalid _ -> "remove_invalid_values";
      case Ending.Pull _ -> "exponential_decay_length_penalty";
      case TopH _ -> "top_h";
      case TypicalP _ -> "typical_p";
      case Cutoff.Epsilon _ -> "epsilon_cutoff";
      case Cutoff.Eta _ -> "eta_cutoff";
      case Renormalized _ -> "renormalize_logits";
      default -> "a processor of one's own";
    };
  }

  private static void addIf(List<LogitsProcessor> list, boolean wanted, LogitsProcessor one) {
    if (wanted) {
      list.add(one);
    }
  }
}
