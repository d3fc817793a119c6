package dev.quintet.app.cli;

import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The flags of `spm_train`, in its syntax.
///
/// @param inputs the corpus's files as they were named
/// @param modelPrefix the model's name without `.model`
/// @param options what the trainer is told
/// @param threads how many threads run
/// @param quiet whether no progress is shown
record SentencePieceFlags(
    List<String> inputs,
    String modelPrefix,
    SentencePieceOptions options,
    int threads,
    boolean quiet) {

  /// What says where something is, or how to go about it, and is no option of the training.
  private static final Set<String> AROUND =
      Set.of(
          "input",
          "model_prefix",
          "control_symbols_file",
          "user_defined_symbols_file",
          "required_chars_file",
          "threads",
          "minloglevel");

  /// Reads flags. As in `spm_train`, `--name=value`, `--name value` and one dash for two are all
  /// right, and of a flag that stands twice the last counts.
  ///
  /// @throws IllegalArgumentException if a flag is unknown, misses, or has a wrong value
  static SentencePieceFlags parse(List<String> arguments) {
    var parser = new Parser();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!argument.startsWith("-")) {
        throw new IllegalArgumentException(
            "expected flags such as --input=FILE, got \"" + argument + "\"");
      }
      String flag = argument.substring(argument.startsWith("--") ? 2 : 1);
      int equals = flag.indexOf('=');
      if (equals >= 0) {
        parser.set(flag.substring(0, equals), flag.substring(equals + 1));
      } else if (i + 1 < arguments.size() && isValue(arguments.get(i + 1))) {
        parser.set(flag, arguments.get(++i));
      } else {
        parser.set(flag, "");
      }
    }
    return parser.flags();
  }

  /// A flag's value may be a negative number, which `spm_train` would take for a flag.
  private static boolean isValue(String argument) {
    return !argument.startsWith("-") || argument.matches("-([0-9]+)?");
  }

  private static final class Parser {
    private final Set<String> given = new HashSet<>();
    private List<String> inputs = List.of();
    private String prefix = "";
    private SentencePieceOptions options = SentencePieceOptions.defaults();
    private String controls = "";
    private String userDefined = "";
    private String characters = "";
    private int threads = Runtime.getRuntime().availableProcessors();
    private boolean quiet;

    void set(String name, String value) {
      given.add(name);
      switch (name) {
        case "input" -> inputs = SentencePieceOptions.items(value);
        case "model_prefix" -> prefix = value;
        case "control_symbols_file" -> controls = value;
        case "user_defined_symbols_file" -> userDefined = value;
        case "required_chars_file" -> characters = value;
        case "threads" -> {
          threads = number(name, value, 1);
          Compute.requireThreads(threads);
        }
        case "minloglevel" -> quiet = number(name, value, 0) > 0;
        default -> {
          if (!SentencePieceOptions.names().contains(name)) {
            throw new IllegalArgumentException("unknown flag --" + name + near(name));
          }
          options = options.with(name, value);
        }
      }
    }

    private static int number(String name, String value, int least) {
      if (!value.matches("[0-9]{1,9}") || Integer.parseInt(value) < least) {
        throw new IllegalArgumentException(
            "--" + name + ": expected a whole number from " + least + ", got \"" + value + "\"");
      }
      return Integer.parseInt(value);
    }

    private static String near(String name) {
      List<String> all = new ArrayList<>(SentencePieceOptions.names());
      all.addAll(AROUND);
      String key = name.replace('-', '_');
      List<String> near =
          all.stream()
              .filter(known -> known.equals(key) || known.startsWith(key) || key.startsWith(known))
              .map(known -> "--" + known)
              .sorted()
              .toList();
      return near.isEmpty() ? "" : "; near: " + String.join(", ", near);
    }

    SentencePieceFlags flags() {
      require(!inputs.isEmpty(), "input", "FILE[,FILE...]");
      require(!prefix.isEmpty(), "model_prefix", "NAME");
      appended("control_symbols", controls);
      appended("user_defined_symbols", userDefined);
      if (!characters.isEmpty()) {
        options = options.with("required_chars", String.join("", lines(characters)));
      }
      return new SentencePieceFlags(inputs, prefix, options, threads, quiet);
    }

    private void require(boolean holds, String name, String value) {
      if (!holds) {
        throw new IllegalArgumentException(
            (given.contains(name) ? "empty" : "missing") + " flag: --" + name + "=" + value);
      }
    }

    private void appended(String name, String file) {
      if (!file.isEmpty()) {
        List<String> items = new ArrayList<>(options.list(name));
        items.addAll(lines(file));
        options = options.with(name, items);
      }
    }

    private static List<String> lines(String file) {
      try {
        String text = new String(Files.readAllBytes(Path.of(file)), StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
        if (lines.getLast().isEmpty()) {
          lines.removeLast();
        }
        return lines;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
