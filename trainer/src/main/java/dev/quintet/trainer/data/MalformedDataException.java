package dev.quintet.trainer.data;

import java.nio.file.Path;

/// A data file breaks its rules; the message names the file, the line and what to do.
public final class MalformedDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Names the place and the rule.
  ///
  /// @param line from 1
  public MalformedDataException(Path file, long line, String rule) {
    super(file + ", line " + line + ": " + rule);
  }

  /// What is wrong with more than one line.
  public MalformedDataException(String rule) {
    super(rule);
  }
}
