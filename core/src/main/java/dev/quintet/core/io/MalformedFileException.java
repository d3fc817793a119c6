package dev.quintet.core.io;

import java.nio.file.Path;

/// A file breaks a rule of its format: which file, at which byte, which rule.
public final class MalformedFileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Path path;
  private final long offset;
  private final String rule;

  /// Names the file, the byte and the rule.
  ///
  /// @param offset bytes from the start of the file
  /// @param rule what the format demands and what was found instead
  public MalformedFileException(Path path, long offset, String rule) {
    super(path + " is malformed at byte " + offset + ": " + rule);
    this.path = path;
    this.offset = offset;
    this.rule = rule;
  }

  /// The file.
  public Path path() {
    return path;
  }

  /// Bytes from the start of the file to where the rule is broken.
  public long offset() {
    return offset;
  }

  /// What the format demands and what was found instead.
  public String rule() {
    return rule;
  }
}
