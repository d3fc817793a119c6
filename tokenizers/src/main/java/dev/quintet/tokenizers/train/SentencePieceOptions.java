package dev.quintet.tokenizers.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The options of SentencePiece training by the names that `spm_train` gives them, with its
/// defaults. Immutable.
public final class SentencePieceOptions {

  /// Names and defaults.
  private static final SequencedMap<String, String> DEFAULTS = new LinkedHashMap<>();

  static {
    String[] defaults = {
      "model_type", "unigram",
      "vocab_size", "8000",
      "character_coverage", "0.9995",
      "input_format", "text",
      "input_sentence_size", "0",
      "shuffle_input_sentence", "true",
      "seed_sentencepiece_size", "1000000",
      "shrinking_factor", "0.75",
      "max_sentence_length", "4192",
      "num_threads", "16",
      "num_sub_iterations", "2",
      "max_sentencepiece_length", "16",
      "split_by_unicode_script", "true",
      "split_by_number", "true",
      "split_by_whitespace", "true",
      "split_digits", "false",
      "treat_whitespace_as_suffix", "false",
      "allow_whitespace_only_pieces", "false",
      "control_symbols", "",
      "user_defined_symbols", "",
      "required_chars", "",
      "byte_fallback", "false",
      "vocabulary_output_piece_score", "true",
      "normalization_rule_name", "nmt_nfkc",
      "add_dummy_prefix", "true",
      "remove_extra_whitespaces", "true",
      "hard_vocab_limit", "true",
      "use_all_vocab", "false",
      "unk_id", "0",
      "bos_id", "1",
      "eos_id", "2",
      "pad_id", "-1",
      "unk_piece", "<unk>",
      "bos_piece", "<s>",
      "eos_piece", "</s>",
      "pad_piece", "<pad>",
      "unk_surface", " ⁇ ",
    };
    for (int i = 0; i < defaults.length; i += 2) {
      DEFAULTS.put(defaults[i], defaults[i + 1]);
    }
  }

  private final Map<String, String> values;

  private SentencePieceOptions(Map<String, String> values) {
    this.values = values;
  }

  /// All defaults.
  ///
  /// @return the options
  public static SentencePieceOptions defaults() {
    return new SentencePieceOptions(Map.of());
  }

  /// The names of all options.
  ///
  /// @return the names
  public static List<String> names() {
    return List.copyOf(DEFAULTS.keySet());
  }

  /// These options with another value for one.
  ///
  /// @param name its name as in `spm_train`, such as `vocab_size`
  /// @param value its value as in `spm_train`; lists are separated by commas
  /// @return the options
  /// @throws IllegalArgumentException when there is no such option or its value is out of range
  public SentencePieceOptions with(String name, String value) {
    if (!DEFAULTS.containsKey(name)) {
      throw new IllegalArgumentException(
          "SentencePiece training: there is no option \"" + name + "\"; there are " + names());
    }
    Map<String, String> changed = new LinkedHashMap<>(values);
    changed.put(name, value);
    SentencePieceOptions options = new SentencePieceOptions(changed);
    options.check(name);
    return options;
  }

  private void check(String name) {
    switch (name) {
      case "model_type" ->
          require(
              List.of("unigram", "bpe", "word", "char").contains(text(name)),
              name,
              "unigram, bpe, word or char");
      case "input_format" ->
          require(List.of("text", "tsv").contains(text(name)), name, "text or tsv");
      case "normalization_rule_name" ->
          require(
              List.of("nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity")
                  .contains(text(name)),
              name,
              "nmt_nfkc, nfkc, nmt_nfkc_cf, nfkc_cf or identity");
      case "character_coverage" -> range(name, 0.98, 1);
      case "shrinking_factor" -> range(name, 0.5, 0.95);
      case "vocab_size", "seed_sentencepiece_size" -> range(name, 1, Integer.MAX_VALUE);
      case "max_sentencepiece_length" -> range(name, 1, 512);
      case "num_sub_iterations" -> range(name, 1, 10);
      case "num_threads" -> range(name, 1, 1024);
      case "max_sentence_length" -> range(name, 10, 1 << 30);
      case "unk_id" -> range(name, 0, Integer.MAX_VALUE);
      case "bos_id", "eos_id", "pad_id" -> range(name, -1, Integer.MAX_VALUE);
      case "input_sentence_size" -> {
        range(name, 0, Integer.MAX_VALUE);
        require(number(name) == 0 || number(name) > 100, name, "0 or more than 100");
      }
      default -> {
        String byDefault = DEFAULTS.getOrDefault(name, "");
        if (byDefault.equals("true") || byDefault.equals("false")) {
          require(List.of("true", "false", "1", "0").contains(text(name)), name, "true or false");
        }
      }
    }
  }

  private void range(String name, double least, double most) {
    double value;
    try {
      value = Double.parseDouble(text(name));
    } catch (NumberFormatException _) {
      value = Double.NaN;
    }
    boolean whole =
        name.equals("character_coverage")
            || name.equals("shrinking_factor")
            || value == Math.rint(value);
    require(
        value >= least && value <= most && whole, name, "a number from " + least + " to " + most);
  }

  private void require(boolean holds, String name, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "SentencePiece training: expected "
              + name
              + " to be "
              + expected
              + ", got \""
              + text(name)
              + "\"");
    }
  }

  /// An option's value.
  ///
  /// @param name its name
  /// @return the value
  public String text(String name) {
    String byDefault = DEFAULTS.get(name);
    if (byDefault == null) {
      throw new IllegalArgumentException("there is no option \"" + name + "\"");
    }
    return values.getOrDefault(name, byDefault);
  }

  /// A whole number.
  ///
  /// @param name the option's name
  /// @return the value
  public int number(String name) {
    return (int) Double.parseDouble(text(name));
  }

  /// A fraction.
  ///
  /// @param name the option's name
  /// @return the value as the reference keeps it
  public float fraction(String name) {
    return Float.parseFloat(text(name));
  }

  /// A switch.
  ///
  /// @param name the option's name
  /// @return whether it is on
  public boolean on(String name) {
    return text(name).equals("true") || text(name).equals("1");
  }

  /// A list.
  ///
  /// @param name the option's name
  /// @return the items
  public List<String> list(String name) {
    return text(name).isEmpty() ? List.of() : List.of(text(name).split(","));
  }

  @Override
  public String toString() {
    return "SentencePieceOptions" + values;
  }
}
