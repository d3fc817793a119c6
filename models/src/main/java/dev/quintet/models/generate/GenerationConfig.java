package dev.quintet.models.generate;

import dev.quintet.core.nn.NearNames;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// How to generate: the options of `generation_config.json`, under their names there.
///
/// Immutable; [#with] changes one option. What nobody set has transformers' default.
public final class GenerationConfig {
  private final JsonObject options;

  private GenerationConfig(JsonObject options) {
    this.options = options;
    GenerationRules.check(this);
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
    requireOption(key);
    return with(JsonObject.of(Map.of(key, widened(value))));
  }

  /// Refuses a name of no option.
  ///
  /// @throws IllegalArgumentException that names those that are near
  public static void requireOption(String key) {
    if (GenerationOption.of(key).isEmpty() && !OtherKeys.known(key)) {
      throw new IllegalArgumentException(
          "there is no generation option '"
              + key
              + "'; near: "
              + NearNames.of(key, GenerationOption.keys()));
    }
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
    return new GenerationConfig(JsonObject.of("generation options", values));
  }

  /// The options among the keys of a `config.json`, where models from before `generation_config.json` have them.
  public static JsonObject modelKeys(JsonObject config) {
    var found = new TreeMap<String, Object>();
    for (String key : config.keys()) {
      if (GenerationOption.of(key).isPresent() || OtherKeys.asks(key)) {
        found.put(key, config.value(key).orElseThrow());
      }
    }
    return JsonObject.of(found);
  }

  /// These options with a limit on the tokens generated behind the start id.
  public GenerationConfig withMaxNewTokens(int tokens) {
    return with("max_new_tokens", tokens);
  }

  /// The first option that asks for what Quintet does not do, if there is one; generating then fails.
  public Optional<String> unsupported() {
    return OtherKeys.unsupported(options);
  }

  /// Refuses options that ask for what Quintet does not do.
  ///
  /// @throws UnsupportedOperationException that names the first of them
  public void requireSupported() {
    unsupported()
        .ifPresent(key -> {
          throw new UnsupportedOperationException(
              "generation with " + key + " is not supported: leave it out");
        });
  }

  /// The first key that means nothing here, if there is one; files may hold such.
  public Optional<String> unknown() {
    return options.keys().stream()
        .filter(key -> GenerationOption.of(key).isEmpty() && !OtherKeys.known(key))
        .findFirst();
  }

  /// What these options name without effect, a sentence each: unknown keys, and options of sampling or of beams where
  /// there is neither.
  public List<String> remarks() {
    var remarks = new ArrayList<String>();
    for (String key : options.keys()) {
      if (GenerationOption.of(key).isEmpty() && !OtherKeys.known(key)) {
        remarks.add(key + " means nothing here");
      }
    }
    if (!samples()) {
      for (String key : Sampling.KEYS) {
        if (options.has(key) && !Sampling.DEFAULT.equals(Sampling.of(only(key)))) {
          remarks.add(key + " has no effect without do_sample");
        }
      }
    }
    if (beams() == 1) {
      if (lengthPenalty() != 1) {
        remarks.add("length_penalty has no effect without num_beams");
      }
      if (earlyStopping() != EarlyStopping.WHEN_UNLIKELY) {
        remarks.add("early_stopping has no effect without num_beams");
      }
    }
    return remarks;
  }

  private JsonObject only(String key) {
    return JsonObject.of(Map.of(key, options.value(key).orElseThrow()));
  }

  // ---- the options ----

  /// The most decoder ids in all, the prompt included: `max_new_tokens` behind the prompt, else `max_length`, else
  /// 20 behind the prompt.
  ///
  /// @param promptLength ids given to the decoder, the start id included
  public int maxLength(int promptLength) {
    return options
        .integer("max_new_tokens")
        .map(count -> sum(count, promptLength))
        .or(() -> options.integer("max_length"))
        .orElse(20 + promptLength);
  }

  /// A sum that a limit which nobody reaches does not make negative.
  private static int sum(int count, int promptLength) {
    return (int) Math.min(Integer.MAX_VALUE, (long) count + promptLength);
  }

  /// How many seconds may pass from the first token on before decoding stops, if there is a limit. What is generated
  /// then depends on the machine.
  public Optional<Double> maxSeconds() {
    return options.number("max_time");
  }

  /// Texts behind which a sequence ends. They are matched by `dev.quintet.models.text.TextToText`, which has a
  /// tokenizer.
  public List<String> stopStrings() {
    return options
        .value("stop_strings")
        .map(value -> {
          List<?> list = value instanceof List<?> several ? several : List.of(value);
          var texts = new ArrayList<String>();
          for (Object item : list) {
            if (!(item instanceof String text) || text.isEmpty()) {
              throw options.wrong("stop_strings", "a text or a list of texts, none empty", value);
            }
            texts.add(text);
          }
          return List.copyOf(texts);
        })
        .orElse(List.of());
  }

  /// Below this many decoder ids, the prompt included, no end is allowed: `min_new_tokens` behind the prompt, else
  /// `min_length`.
  ///
  /// @param promptLength ids given to the decoder, the start id included
  public int minLength(int promptLength) {
    return options
        .integer("min_new_tokens")
        .map(count -> sum(count, promptLength))
        .or(() -> options.integer("min_length"))
        .orElse(0);
  }

  /// Below this many ids behind the prompt no end is allowed.
  public int minNewTokens() {
    return options.integer("min_new_tokens").orElse(0);
  }

  /// What is added to the scores of ids, or of sequences of ids at their last.
  public List<Bias> sequenceBias() {
    return options.list("sequence_bias").map(this::biases).orElse(List.of());
  }

  private List<Bias> biases(List<?> pairs) {
    // Of equal sequences the last counts, in the place of the first.
    var biases = new LinkedHashMap<List<Integer>, Bias>();
    for (Object item : pairs) {
      if (!(item instanceof List<?> pair)
          || pair.size() != 2
          || !(pair.get(0) instanceof List<?> ids)
          || ids.isEmpty()
          || !ids.stream().allMatch(GenerationConfig::isId)
          || !(pair.get(1) instanceof Number value)) {
        throw options.wrong("sequence_bias", "a list of [[id, ...], number]", pairs);
      }
      int[] sequence = ids.stream().mapToInt(id -> ((Number) id).intValue()).toArray();
      biases.put(Arrays.stream(sequence).boxed().toList(), new Bias(sequence, value.floatValue()));
    }
    return List.copyOf(biases.values());
  }

  private static boolean isId(Object id) {
    return id instanceof Number number
        && number.intValue() >= 0
        && number.doubleValue() == number.intValue();
  }

  /// A preference for a sequence of ids, or an aversion.
  ///
  /// @param ids the sequence, at least one
  /// @param value what is added to the score of its last id where those before it have just been generated
  public record Bias(int[] ids, float value) {}

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

  /// Whether tokens are drawn at random.
  public boolean samples() {
    return options.bool("do_sample").orElse(false);
  }

  /// How tokens are drawn where they are drawn at random.
  public Sampling sampling() {
    return Sampling.of(options);
  }

  /// How many sequences each input gives: at most as many as beams, or any number where tokens are drawn at random.
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
    return options
        .integer("decoder_start_token_id")
        .or(() -> options.integer("bos_token_id"))
        .orElse(padId());
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
