package dev.quintet.trainer.data;

import java.util.Objects;

/// What a model reads and what it should answer.
///
/// @param source the prompt
/// @param target the answer
public record TextPair(String source, String target) {

  /// Both are there, though they may be empty.
  public TextPair {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(target, "target");
  }
}
