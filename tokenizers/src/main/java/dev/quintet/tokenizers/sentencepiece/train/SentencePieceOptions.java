package dev.quintet.tokenizers.sentencepiece.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// The options of SentencePiece training by the names that `spm_train` gives them, with its
/// defaults and its limits. Immutable.
///
/// Not here are the names of files (`input`, `control_symbols_file` and their like), which say where
/// the command line finds what it hands to the trainer.
public final class SentencePieceOptions {

  /// Names and defaults.
  private static final SequencedMap<String, String> DEFAULTS = new LinkedHashMap<>();

  private static final Set<String> LISTS =
      Set.of("accept_language", "control_symbols", "user_defined_symbols");

  private static final Set<String> FRACTIONS =
      Set.of("character_coverage", "shrinking_factor", "differential_privacy_noise_level");

  static {
    String[] defaults = {
      "model_type", "unigram",
      "vocab_size", "8000",
      "accept_language", "",
      "self_test_sample_size", "0",
      "input_format", "",
      "character_coverage", "0.9995",
      "input_sentence_size", "0",
      "shuffle_input_sentence", "true",
      "seed_sentencepiece_size", "1000000",
      "seed_sentencepieces_file", "",
      "shrinking_factor", "0.75",
      "num_threads", "16",
      "num_sub_iterations", "2",
      "max_sentencepiece_length", "16",
      "max_sentence_length", "4192",
      "split_by_unicode_script", "true",
      "split_by_number", "true",
      "split_by_whitespace", "true",
      "split_digits", "false",
      "pretokenization_delimiter", "",
      "treat_whitespace_as_suffix", "false",
      "allow_whitespace_only_pieces", "false",
      "control_symbols", "",
      "user_defined_symbols", "",
      "required_chars", "",
      "byte_fallback", "false",
      "vocabulary_output_piece_score", "true",
      "normalization_rule_name", "nmt_nfkc",
      "normalization_rule_tsv", "",
      "denormalization_rule_tsv", "",
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
      "train_extremely_large_corpus", "false",
      "random_seed", "4294967295",
      "enable_differential_privacy", "false",
      "differential_privacy_noise_level", "0",
      "differential_privacy_clipping_threshold", "0",
    };
    for (int i = 0; i < defaults.length; i += 2) {
      DEFAULTS.put(defaults[i], defaults[i + 1]);
    }
  }

  private final Map<String, String> values;
  private final Map<String, List<String>> lists;

  private SentencePieceOptions(Map<String, String> values, Map<String, List<String>> lists) {
    this.values = values;
    this.lists = lists;
  }

  /// All defaults.
  ///
  /// @return the options
  public static SentencePieceOptions defaults() {
    return new SentencePieceOptions(Map.of(), Map.of());
  }

  /// The names of all options.
  ///
  /// @return the names
  public static List<String> names() {
    return List.copyOf(DEFAULTS.keySet());
  }

  /// What an option is when nothing is said.
  ///
  /// @param name its name
  /// @return the value as it would be written
  public static String byDefault(String name) {
    return known(name);
  }

  /// Whether an option is true or false.
  ///
  /// @param name its name
  /// @return whether it is
  public static boolean isSwitch(String name) {
    String byDefault = known(name);
    return byDefault.equals("true") || byDefault.equals("false");
  }

  private static String known(String name) {
    String byDefault = DEFAULTS.get(name);
    if (byDefault == null) {
      throw new IllegalArgumentException(
          "SentencePiece training: there is no option \"" + name + "\"; there are " + names());
    }
    return byDefault;
  }

  /// These options with another value for one.
  ///
  /// @param name its name as in `spm_train`, such as `vocab_size`
  /// @param value its value as in `spm_train`; lists are separated by commas, an item that holds one
  ///     stands in quotes; no text at all turns a switch on
  /// @return the options
  /// @throws IllegalArgumentException when there is no such option or its value is out of range
  public SentencePieceOptions with(String name, String value) {
    known(name);
    if (LISTS.contains(name)) {
      return with(name, items(value));
    }
    Map<String, String> changed = new LinkedHashMap<>(values);
    changed.put(name, name.equals("model_type") ? value.toLowerCase(Locale.ROOT) : value);
    SentencePieceOptions options = new SentencePieceOptions(changed, lists);
    options.check(name);
    return options;
  }

  /// These options with another list for one.
  ///
  /// @param name `accept_language`, `control_symbols` or `user_defined_symbols`
  /// @param items the items
  /// @return the options
  /// @throws IllegalArgumentException when the option is not a list
  public SentencePieceOptions with(String name, List<String> items) {
    if (!LISTS.contains(name)) {
      throw new IllegalArgumentException(
          "SentencePiece training: expected a single value for " + name + ", got " + items);
    }
    Map<String, List<String>> changed = new HashMap<>(lists);
    changed.put(name, List.copyOf(items));
    return new SentencePieceOptions(values, changed);
  }

  /// Cuts a text at commas as `spm_train` does: an item in quotes may hold commas, and two quotes in
  /// it are one; a comma at the very end begins no item.
  ///
  /// @param text the text
  /// @return the items
  public static List<String> items(String text) {
    List<String> items = new ArrayList<>();
    for (int at = 0; at < text.length(); at++) {
      if (text.charAt(at) == '"') {
        StringBuilder item = new StringBuilder();
        for (at++; at < text.length(); at++) {
          if (text.charAt(at) == '"') {
            at++;
            if (at >= text.length() || text.charAt(at) != '"') {
              break;
            }
          }
          item.append(text.charAt(at));
        }
        items.add(item.toString());
        at = comma(text, at);
      } else {
        int end = comma(text, at);
        items.add(text.substring(at, end));
        at = end;
      }
    }
    return items;
  }

  private static int comma(String text, int from) {
    int comma = text.indexOf(',', from);
    return comma < 0 ? text.length() : comma;
  }

  private void check(String name) {
    switch (name) {
      case "model_type" -> oneOf(name, "unigram", "bpe", "word", "char");
      case "input_format" -> oneOf(name, "text", "tsv", "");
      case "normalization_rule_name" ->
          oneOf(name, "nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity", "");
      case "character_coverage" -> range(name, 0.98, 1);
      case "shrinking_factor" -> range(name, 0.5, 0.95);
      case "vocab_size", "seed_sentencepiece_size" -> range(name, 1, Integer.MAX_VALUE);
      case "max_sentencepiece_length" -> range(name, 1, 512);
      case "num_sub_iterations" -> range(name, 1, 10);
      case "num_threads" -> range(name, 1, 1024);
      case "max_sentence_length" -> range(name, 10, 1 << 30);
      case "self_test_sample_size" -> range(name, 0, 1000);
      case "unk_id" -> range(name, 0, Integer.MAX_VALUE);
      case "bos_id", "eos_id", "pad_id" -> range(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case "random_seed" -> range(name, -1, 0xFFFFFFFFL);
      case "differential_privacy_noise_level", "differential_privacy_clipping_threshold" ->
          range(name, 0, Integer.MAX_VALUE);
      case "unk_piece", "bos_piece", "eos_piece", "pad_piece" ->
          require(!text(name).isEmpty(), name, "not empty");
      case "input_sentence_size" -> {
        range(name, 0, Integer.MAX_VALUE);
        require(number(name) == 0 || number(name) > 100, name, "0 or more than 100");
      }
      default -> {
        if (isSwitch(name)) {
          require(truth(text(name)) != 0, name, "true or false");
        }
      }
    }
  }

  private void oneOf(String name, String... allowed) {
    require(List.of(allowed).contains(text(name)), name, "one of " + List.of(allowed));
  }

  private void range(String name, double least, double most) {
    double value;
    try {
      value = Double.parseDouble(text(name));
    } catch (NumberFormatException _) {
      value = Double.NaN;
    }
    boolean whole = FRACTIONS.contains(name) || value == Math.rint(value);
    String numbers =
        FRACTIONS.contains(name)
            ? "a number from " + least + " to " + most
            : "a whole number from " + (long) least + " to " + (long) most;
    // The reference compares the float that it keeps, with the bounds as doubles.
    double kept = FRACTIONS.contains(name) ? (float) value : value;
    require(kept >= least && kept <= most && whole, name, numbers);
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

  /// What a switch says: 1 for on, -1 for off, 0 for neither.
  private static int truth(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "", "1", "t", "true", "y", "yes" -> 1;
      case "0", "f", "false", "n", "no" -> -1;
      default -> 0;
    };
  }

  /// An option's value.
  ///
  /// @param name its name
  /// @return the value
  public String text(String name) {
    String byDefault = known(name);
    return values.getOrDefault(name, byDefault);
  }

  /// A whole number.
  ///
  /// @param name the option's name
  /// @return the value
  public int number(String name) {
    return (int) (long) Double.parseDouble(text(name));
  }

  /// A fraction.
  ///
  /// @param name the option's name
  /// @return the value as the reference keeps it
  public float fraction(String name) {
    return (float) Double.parseDouble(text(name));
  }

  /// A switch.
  ///
  /// @param name the option's name
  /// @return whether it is on
  public boolean on(String name) {
    return truth(text(name)) > 0;
  }

  /// A list.
  ///
  /// @param name the option's name
  /// @return the items
  public List<String> list(String name) {
    return lists.getOrDefault(name, List.of());
  }

  @Override
  public String toString() {
    return "SentencePieceOptions" + values + lists;
  }
}
