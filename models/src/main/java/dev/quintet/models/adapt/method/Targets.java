package dev.quintet.models.adapt.method;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/// Which modules a method adapts, told as peft's `target_modules` and `exclude_modules` do: by words with which their
/// paths end, by a regular expression for their whole paths, or all projections but the head.
public sealed interface Targets {
  /// What stands for all projections but the head.
  String ALL_LINEAR = "all-linear";

  /// Whether a path is meant.
  boolean matches(String path);

  /// As `adapter_config.json` has it.
  Object written();

  /// Modules whose paths end with one of these words, such as `q` or `SelfAttention.q`.
  static Targets of(List<String> words) {
    return new Words(words);
  }

  /// Modules whose whole paths a regular expression matches, or all projections where it is `all-linear`.
  ///
  /// @throws AdapterException if it is none
  static Targets matching(String expression) {
    if (expression.toLowerCase(Locale.ROOT).equals(ALL_LINEAR)) {
      return new AllLinear();
    }
    compiled(expression);
    return new Expression(expression);
  }

  /// A regular expression of Python's as one of Java's, in what peft's own documents use of both.
  ///
  /// @throws AdapterException if it is none
  static Pattern compiled(String expression) {
    try {
      return Pattern.compile(expression.replace("(?P<", "(?<"));
    } catch (PatternSyntaxException e) {
      throw new AdapterException(
          "'" + expression + "' is no regular expression: " + e.getDescription(), e);
    }
  }

  /// Words with which paths end.
  ///
  /// @param words each the end of a path, from a dot on
  record Words(List<String> words) implements Targets {
    /// Copies the list.
    public Words {
      words = List.copyOf(words);
    }

    @Override
    public boolean matches(String path) {
      return words.stream().anyMatch(word -> path.equals(word) || path.endsWith("." + word));
    }

    @Override
    public Object written() {
      return words;
    }
  }

  /// A regular expression.
  ///
  /// @param text as it was written
  record Expression(String text) implements Targets {
    @Override
    public boolean matches(String path) {
      return Patient.matches(compiled(text), path);
    }

    @Override
    public Object written() {
      return text;
    }
  }

  /// All projections but the head.
  record AllLinear() implements Targets {
    @Override
    public boolean matches(String path) {
      String last = path.substring(path.lastIndexOf('.') + 1);
      return Stream.of("q", "k", "v", "o", "wi", "wi_0", "wi_1", "wo").anyMatch(last::equals);
    }

    @Override
    public Object written() {
      return ALL_LINEAR;
    }
  }
}
