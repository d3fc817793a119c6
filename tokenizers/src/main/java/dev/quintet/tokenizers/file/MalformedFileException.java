package dev.quintet.tokenizers.file;

import java.nio.file.Path;

/// A tokenizer file breaks a rule of its format, or asks for something that is not supported.
public final class MalformedFileException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String path;
  private final String place;
  private final String rule;

  /// Makes an exception.
  ///
  /// @param path the file, or a name for what was read where it is not a file
  /// @param place where in it: a JSON pointer such as `/model/merges/12`, or `offset 1234`
  /// @param rule the rule that is broken and what was found instead
  public MalformedFileException(String path, String place, String rule) {
    super(path + " at " + place + ": " + rule);
    this.path = path;
    this.place = place;
    this.rule = rule;
  }

  MalformedFileException(Path path, String place, String rule) {
    this(path.toString(), place, rule);
  }

  /// The file.
  ///
  /// @return its path, or a name for what was read where it is not a file
  public String path() {
    return path;
  }

  /// Where in the file.
  ///
  /// @return a JSON pointer or an offset
  public String place() {
    return place;
  }

  /// The rule that is broken.
  ///
  /// @return the rule, and what was found instead
  public String rule() {
    return rule;
  }
}
