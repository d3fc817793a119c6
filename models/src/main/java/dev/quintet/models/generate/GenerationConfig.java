package dev.quintet.models.generate;

import dev.quintet.core.nn.NearNames;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// How to generate: the options of `generation_config.json`, under their names there.
///
/// Immutable; [#with] changes one option. What nobody set has transformers' default.
public final class GenerationConfig {
  private static final Set<String> SUPPORTED =
      Set.of(
          "max_length",
          "max_new_tokens",
          "min_length",
          "min_new_tokens",
          "num_beams",
          "num_return_sequences",
          "length_penalty",
          "early_stopping",
          "renormalize_logits",
          "repetition_penalty",
          "encoder_repetition_penalty",
          "no_repeat_ngram_size",
          "encoder_no_repeat_ngram_size",
          "bad_words_ids",
          "suppress_tokens",
          "begin_suppress_tokens",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "remove_invalid_values",
          "exponential_decay_length_penalty",
          "pad_token_id",
          "eos_token_id",
          "decoder_start_token_id");
  // Without effect unless tokens are drawn at random, or on what is generated at all.
  private static final Set<String> HARMLESS =
      Set.of(
          "do_sample",
          "temperature",
          "top_k",
          "top_p",
          "min_p",
          "typical_p",
          "top_h",
          "epsilon_cutoff",
          "eta_cutoff",
          "use_cache",
          "bos_token_id",
          "output_scores",
          "output_attentions",
          "output_hidden_states",
          "return_dict_in_generate",
          "transformers_version",
          "_from_model_config");

  // In this order, so that messages are stable.
  private static final List<String> NOT_YET =
      List.of(
          "sequence_bias",
          "constraints",
          "force_words_ids",
          "penalty_alpha",
          "dola_layers",
          "stop_strings",
          "max_time",
          "watermarking_config");

  private final JsonObject options;

  private GenerationConfig(JsonObject options) {
    this.options = options;
    check();
  }

  /// Greedy generation with a model's special ids.
  public static GenerationConfig of(T5Config config) {
    var values = new TreeMap<String, Object>();
    values.put("pad_token_id", (long) config.padId());
    values.put("eos_token_id", (long) config.eosId());
    values.put("decoder_start_token_id", (long) config.startId());
    return new GenerationConfig(JsonObject.of(values));
  }

  /// These options with one more or another one.
  ///
  /// @param key as in `generation_config.json`
  /// @param value a number, a truth value, or a list
  /// @throws IllegalArgumentException if there is no such option, or the value does not suit it
  public GenerationConfig with(String key, Object value) {
    if (!SUPPORTED.contains(key) && !HARMLESS.contains(key)) {
      var known = new TreeSet<>(SUPPORTED);
      known.addAll(HARMLESS);
      throw new IllegalArgumentException(
          "there is no generation option '"
              + key
              + "'; near: "
              + NearNames.of(key, List.copyOf(known)));
    }
    return with(JsonObject.of(java.util.Map.of(key, widened(value))));
  }

  private static Object widened(Object value) {
    return switch (value) {
      case Integer number -> (long) number;
      case Float number -> (double) number;
      case int[] numbers -> {
        var list = new ArrayList<Object>();
        for (int number : numbers) {
          list.add((long) number);
        }
        yield list;
      }
      case List<?> list -> list.stream().map(GenerationConfig::widened).toList();
      default -> value;
    };
  }

  /// These options, overlaid with those of a file; keys that mean nothing here are kept as they are.
  public GenerationConfig with(JsonObject more) {
    var values = new TreeMap<String, Object>();
    options.keys().forEach(key -> values.put(key, options.value(key).orElseThrow()));
    more.keys().forEach(key -> values.put(key, more.value(key).orElseThrow()));
    return new GenerationConfig(JsonObject.of(values));
  }

  /// These options with a limit on the tokens generated behind the start id.
  public GenerationConfig withMaxNewTokens(int tokens) {
    return with("max_new_tokens", tokens);
  }

  private void check() {
    maxLength(1);
    minLength();
    minNewTokens();
    forcedBos();
    positive("repetition_penalty", repetitionPenalty());
    positive("encoder_repetition_penalty", encoderRepetitionPenalty());
    noRepeatNgram();
    encoderNoRepeatNgram();
    exponentialDecay();
    badWords();
    suppressed();
    eosIds();
    earlyStopping();
    if (beams() < 1) {
      throw options.wrong("num_beams", "at least 1", beams());
    }
    if (returned() < 1 || returned() > beams()) {
      throw options.wrong("num_return_sequences", "from 1 to num_beams, " + beams(), returned());
    }
  }

  private void positive(String key, float value) {
    if (!(value > 0)) {
      throw options.wrong(key, "a positive number", value);
    }
  }

  /// What of these options is not there yet, if anything.
  public Optional<String> unsupported() {
    if (options.bool("do_sample").orElse(false)) {
      return Optional.of("sampling");
    }
    return NOT_YET.stream().filter(options::has).findFirst();
  }

  /// The first key that means nothing here, if there is one; files may hold such.
  public Optional<String> unknown() {
    return options.keys().stream()
        .filter(key -> !SUPPORTED.contains(key) && !HARMLESS.contains(key))
        .findFirst();
  }

  // ---- the options ----

  /// The most decoder ids in all, the prompt included: `max_new_tokens` behind the prompt, else `max_length`, else
  /// 20 behind the prompt.
  ///
  /// @param promptLength ids given to the decoder, the start id included
  public int maxLength(int promptLength) {
    Optional<Integer> added = options.integer("max_new_tokens");
    int length =
        added
            .map(count -> count + promptLength)
            .or(() -> options.integer("max_length"))
            .orElse(20 + promptLength);
    if (length < 1) {
      throw options.wrong("max_length", "at least 1", length);
    }
    return length;
  }

  /// Below this many decoder ids, the start id included, no end is allowed.
  public int minLength() {
    return options.integer("min_length").orElse(0);
  }

  /// Below this many ids behind the prompt no end is allowed.
  public int minNewTokens() {
    return options.integer("min_new_tokens").orElse(0);
  }

  /// Divides or multiplies the scores of ids that stand in the decoder's sequence.
  public float repetitionPenalty() {
    return options.number("repetition_penalty").orElse(1.0).floatValue();
  }

  /// Raises the scores of ids that stand in the input.
  public float encoderRepetitionPenalty() {
    return options.number("encoder_repetition_penalty").orElse(1.0).floatValue();
  }

  /// No run of this many ids may come twice; 0 allows all.
  public int noRepeatNgram() {
    return options.integer("no_repeat_ngram_size").orElse(0);
  }

  /// No run of this many ids may be copied from the input; 0 allows all.
  public int encoderNoRepeatNgram() {
    return options.integer("encoder_no_repeat_ngram_size").orElse(0);
  }

  /// Sequences of ids that may not be generated.
  public int[][] badWords() {
    return options.integerRows("bad_words_ids").orElse(new int[0][]);
  }

  /// Ids that may never be generated.
  public int[] suppressed() {
    return options.integers("suppress_tokens").orElse(new int[0]);
  }

  /// Ids that may not be generated first.
  public int[] suppressedFirst() {
    return options.integers("begin_suppress_tokens").orElse(new int[0]);
  }

  /// The id that must come first.
  public OptionalInt forcedBos() {
    Optional<Integer> id = options.integer("forced_bos_token_id");
    return id.isPresent() ? OptionalInt.of(id.get()) : OptionalInt.empty();
  }

  /// The ids of which one must come last where the limit is reached.
  public int[] forcedEos() {
    return options.integers("forced_eos_token_id").orElse(new int[0]);
  }

  /// Whether scores that are no numbers are replaced.
  public boolean removeInvalid() {
    return options.bool("remove_invalid_values").orElse(false);
  }

  /// From when on, in ids behind the prompt, and by which factor the end becomes likelier.
  public Optional<Decay> exponentialDecay() {
    return options
        .list("exponential_decay_length_penalty")
        .map(pair -> {
          if (pair.size() == 2
              && pair.get(0) instanceof Number start
              && pair.get(1) instanceof Number factor) {
            return new Decay(start.intValue(), factor.doubleValue());
          }
          throw options.wrong("exponential_decay_length_penalty", "[start, factor]", pair);
        });
  }

  /// An exponential pull towards the end.
  ///
  /// @param start ids behind the prompt from which on it pulls
  /// @param factor how much more with each id
  public record Decay(int start, double factor) {}

  /// How many sequences are followed at once; 1 is greedy.
  public int beams() {
    return options.integer("num_beams").orElse(1);
  }

  /// How many sequences each input gives, at most as many as beams.
  public int returned() {
    return options.integer("num_return_sequences").orElse(1);
  }

  /// The power of its length by which a beam's score is divided; positive favours long sequences.
  public double lengthPenalty() {
    return options.number("length_penalty").orElse(1.0);
  }

  /// When a beam search may stop.
  public EarlyStopping earlyStopping() {
    return options
        .value("early_stopping")
        .map(value -> {
          if (value instanceof Boolean now) {
            return now ? EarlyStopping.AS_SOON_AS_FULL : EarlyStopping.WHEN_UNLIKELY;
          }
          if (value.equals("never")) {
            return EarlyStopping.WHEN_IMPOSSIBLE;
          }
          throw options.wrong("early_stopping", "true, false or \"never\"", value);
        })
        .orElse(EarlyStopping.WHEN_UNLIKELY);
  }

  /// When a beam search stops looking for better sequences.
  public enum EarlyStopping {
    /// As soon as there are as many whole sequences as beams: `true`.
    AS_SOON_AS_FULL,
    /// When the best beam, as long as it is now, would not be among them: `false`.
    WHEN_UNLIKELY,
    /// When no beam of any length could be: `"never"`.
    WHEN_IMPOSSIBLE
  }

  /// Whether scores are normalised again behind all processors.
  public boolean renormalized() {
    return options.bool("renormalize_logits").orElse(false);
  }

  /// The id that fills rows that have ended.
  public int padId() {
    return options.integer("pad_token_id").orElse(0);
  }

  /// The ids that end a sequence.
  public int[] eosIds() {
    return options.integers("eos_token_id").orElse(new int[] {1});
  }

  /// The decoder's first id.
  public int startId() {
    return options.integer("decoder_start_token_id").orElse(padId());
  }

  /// The options as they stand in `generation_config.json`.
  public JsonObject toJson() {
    return options;
  }

  @Override
  public String toString() {
    return options.toString();
  }
}
