package dev.quintet.models.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The options of `generation_config.json` that change what is generated, under their names there.
///
/// [GenerationConfig] holds their values and says what each does.
public enum GenerationOption {
  /// See [GenerationConfig#maxLength].
  MAX_LENGTH(Kind.INTEGER, "Most decoder ids in all, the start id included."),
  /// See [GenerationConfig#maxLength].
  MAX_NEW_TOKENS(Kind.INTEGER, "Longest answer, in tokens; wins over max_length. Default: 20."),
  /// See [GenerationConfig#minLength].
  MIN_LENGTH(Kind.INTEGER, "No end below this many decoder ids, the start id included."),
  /// See [GenerationConfig#minNewTokens].
  MIN_NEW_TOKENS(Kind.INTEGER, "No end below this many tokens; wins over min_length."),
  /// See [GenerationConfig#maxSeconds].
  MAX_TIME(Kind.NUMBER, "Seconds after which no further token is decoded."),
  /// See [GenerationConfig#stopStrings].
  STOP_STRINGS(Kind.TEXTS, "End behind this text; may be given several times."),
  /// See [GenerationConfig#samples].
  DO_SAMPLE(Kind.FLAG, "Draw tokens at random instead of taking the likeliest."),
  /// See [Sampling#temperature].
  TEMPERATURE(Kind.NUMBER, "Sampling: divides the logits; below 1 is bolder. Default: 1."),
  /// See [Sampling#topK].
  TOP_K(Kind.INTEGER, "Sampling: among this many likeliest tokens; 0 is all. Default: 50."),
  /// See [Sampling#topP].
  TOP_P(Kind.NUMBER, "Sampling: among the likeliest tokens that reach this probability together."),
  /// See [Sampling#minP].
  MIN_P(
      Kind.NUMBER, "Sampling: among tokens of at least this share of the likeliest's probability."),
  /// See [Sampling#topH].
  TOP_H(Kind.NUMBER, "Sampling: among the likeliest tokens within this share of the entropy."),
  /// See [Sampling#typicalP].
  TYPICAL_P(Kind.NUMBER, "Sampling: among the most typical tokens of this probability together."),
  /// See [Sampling#epsilonCutoff].
  EPSILON_CUTOFF(Kind.NUMBER, "Sampling: among tokens of at least this probability."),
  /// See [Sampling#etaCutoff].
  ETA_CUTOFF(Kind.NUMBER, "Sampling: the same, lower where the distribution is flat."),
  /// See [GenerationConfig#beams].
  NUM_BEAMS(Kind.INTEGER, "Sequences followed at once; 1 is greedy. Default: 1."),
  /// See [GenerationConfig#returned].
  NUM_RETURN_SEQUENCES(Kind.INTEGER, "Answers for each prompt. Default: 1."),
  /// See [GenerationConfig#lengthPenalty].
  LENGTH_PENALTY(Kind.NUMBER, "Beams: above 0 favours long answers, below short ones. Default: 1."),
  /// See [GenerationConfig#earlyStopping].
  EARLY_STOPPING(Kind.STOPPING, "Beams: true, false or never. Default: false."),
  /// See [GenerationConfig#renormalized].
  RENORMALIZE_LOGITS(Kind.FLAG, "Normalise again behind all other changes of the logits."),
  /// See [GenerationConfig#sequenceBias].
  SEQUENCE_BIAS(Kind.BIASES, "What is added to sequences of ids: [[[ID, ...], BIAS], ...]."),
  /// See [GenerationConfig#repetitionPenalty].
  REPETITION_PENALTY(Kind.NUMBER, "Above 1: against tokens that are already in the answer."),
  /// See [GenerationConfig#encoderRepetitionPenalty].
  ENCODER_REPETITION_PENALTY(Kind.NUMBER, "Above 1: for tokens that are in the prompt."),
  /// See [GenerationConfig#noRepeatNgram].
  NO_REPEAT_NGRAM_SIZE(Kind.INTEGER, "No run of this many tokens twice in an answer."),
  /// See [GenerationConfig#encoderNoRepeatNgram].
  ENCODER_NO_REPEAT_NGRAM_SIZE(Kind.INTEGER, "No run of this many tokens from the prompt."),
  /// See [GenerationConfig#badWords].
  BAD_WORDS_IDS(Kind.ID_LISTS, "Sequences of ids that never come: [[ID, ...], ...]."),
  /// See [GenerationConfig#suppressed].
  SUPPRESS_TOKENS(Kind.IDS, "Ids that never come: ID,ID,..."),
  /// See [GenerationConfig#suppressedFirst].
  BEGIN_SUPPRESS_TOKENS(Kind.IDS, "Ids that never come first: ID,ID,..."),
  /// See [GenerationConfig#forcedBos].
  FORCED_BOS_TOKEN_ID(Kind.INTEGER, "The id that comes first."),
  /// See [GenerationConfig#forcedEos].
  FORCED_EOS_TOKEN_ID(Kind.IDS, "The ids one of which comes last where the limit is reached."),
  /// See [GenerationConfig#removeInvalid].
  REMOVE_INVALID_VALUES(Kind.FLAG, "Replace logits that are no finite numbers."),
  /// See [GenerationConfig#exponentialDecay].
  EXPONENTIAL_DECAY_LENGTH_PENALTY(Kind.DECAY, "A pull to the end: [START, FACTOR]."),
  /// See [GenerationConfig#padId].
  PAD_TOKEN_ID(Kind.INTEGER, "The id that fills answers that have ended."),
  /// See [GenerationConfig#eosIds].
  EOS_TOKEN_ID(Kind.IDS, "The ids that end an answer: ID,ID,..."),
  /// See [GenerationConfig#startId].
  DECODER_START_TOKEN_ID(Kind.INTEGER, "The decoder's first id."),
  /// See [GenerationConfig#startId].
  BOS_TOKEN_ID(Kind.INTEGER, "The decoder's first id where decoder_start_token_id is absent.");

  /// What the values of an option look like.
  public enum Kind {
    /// A whole number.
    INTEGER,
    /// A number.
    NUMBER,
    /// True or false.
    FLAG,
    /// Whole numbers, or one alone.
    IDS,
    /// Lists of whole numbers.
    ID_LISTS,
    /// Texts, or one alone.
    TEXTS,
    /// True, false or `"never"`.
    STOPPING,
    /// Pairs of a list of whole numbers and a number.
    BIASES,
    /// A whole number and a number.
    DECAY
  }

  private final Kind kind;
  private final String description;

  GenerationOption(Kind kind, String description) {
    this.kind = kind;
    this.description = description;
  }

  /// The name in `generation_config.json`, such as `num_beams`.
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// What its values look like.
  public Kind kind() {
    return kind;
  }

  /// One line on what it does.
  public String description() {
    return description;
  }

  /// The option of a name in `generation_config.json`.
  public static Optional<GenerationOption> of(String key) {
    return Arrays.stream(values()).filter(option -> option.key().equals(key)).findFirst();
  }

  static List<String> keys() {
    var keys = new ArrayList<String>();
    for (GenerationOption option : values()) {
      keys.add(option.key());
    }
    return keys;
  }
}
