package dev.quintet.models.generate;

import dev.quintet.models.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What values of generation options fit, alone and together; as in transformers' `GenerationConfig.validate`.
final class GenerationRules {
  /// More sequences than anybody reads; each takes memory in proportion to the vocabulary.
  private static final int MOST_BEAMS = 1000;

  private static final int MOST_SEQUENCES = 10_000;

  private GenerationRules() {}

  /// Checks all options.
  ///
  /// @throws IllegalArgumentException if a value does not fit
  static void check(GenerationConfig config) {
    JsonObject options = config.toJson();
    for (String key :
        List.of("max_new_tokens", "max_length", "num_beams", "num_return_sequences")) {
      atLeast(options, key, 1);
    }
    for (String key :
        List.of(
            "min_length",
            "min_new_tokens",
            "no_repeat_ngram_size",
            "encoder_no_repeat_ngram_size")) {
      atLeast(options, key, 0);
    }
    atMost(options, "num_beams", MOST_BEAMS);
    atMost(options, "num_return_sequences", MOST_SEQUENCES);
    for (GenerationOption option : GenerationOption.values()) {
      if (option.kind() == GenerationOption.Kind.NUMBER) {
        options
            .number(option.key())
            .filter(value -> !Double.isFinite(value) || Double.isInfinite(value.floatValue()))
            .ifPresent(value -> {
              throw options.wrong(option.key(), "a finite number", value);
            });
      }
    }
    positive(options, "repetition_penalty", config.repetitionPenalty());
    positive(options, "encoder_repetition_penalty", config.encoderRepetitionPenalty());
    config.maxSeconds().ifPresent(seconds -> positive(options, "max_time", seconds.floatValue()));
    // Reading a value checks its type.
    var _ = config.stopStrings();
    var _ = config.exponentialDecay();
    var _ = config.sequenceBias();
    var _ = config.badWords();
    var _ = config.eosIds();
    var _ = config.padId();
    var _ = config.startId();
    var _ = config.earlyStopping();
    var _ = config.lengthPenalty();
    var _ = config.removeInvalid();
    var _ = config.renormalized();
    var _ = config.suppressedFirst();
    Sampling sampling = config.sampling();
    if (config.samples()) {
      sampling.check(options);
    }
    if (config.returned() > config.beams() && !(config.beams() == 1 && config.samples())) {
      throw options.wrong(
          "num_return_sequences",
          "at most num_beams, "
              + config.beams()
              + " (or as many as you like with do_sample and one beam)",
          config.returned());
    }
    Set<Integer> never = Arrays.stream(config.suppressed()).boxed().collect(Collectors.toSet());
    config
        .forcedBos()
        .ifPresent(id -> possible(options, "forced_bos_token_id", new int[] {id}, never));
    possible(options, "forced_eos_token_id", config.forcedEos(), never);
  }

  private static void atMost(JsonObject options, String key, int most) {
    int value = options.integer(key).orElse(1);
    if (value > most) {
      throw options.wrong(key, "at most " + most, value);
    }
  }

  private static void atLeast(JsonObject options, String key, int least) {
    int value = options.integer(key).orElse(least);
    if (value < least) {
      throw options.wrong(key, "at least " + least, value);
    }
  }

  private static void positive(JsonObject options, String key, float value) {
    if (!(value > 0)) {
      throw options.wrong(key, "a positive number", value);
    }
  }

  private static void possible(JsonObject options, String key, int[] forced, Set<Integer> never) {
    if (forced.length > 0 && Arrays.stream(forced).allMatch(never::contains)) {
      throw options.wrong(key, "an id that suppress_tokens leaves", options.value(key).orElse(""));
    }
  }
}
