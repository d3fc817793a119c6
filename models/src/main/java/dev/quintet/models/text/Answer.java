package dev.quintet.models.text;

import java.util.OptionalDouble;

/// One answer to a prompt.
///
/// @param text without special tokens, unless they were asked for; with the stop string that ended it, if one did
/// @param ids the tokens behind the start id, the end included
/// @param score under beams, the sum of the log-probabilities over the length to the power of the length penalty
public record Answer(String text, int[] ids, OptionalDouble score) {

  /// The text, how many tokens it has, and its score.
  @Override
  public String toString() {
    String scored = score.isPresent() ? ", score " + score.getAsDouble() : "";
    return "Answer[\"" + text + "\", " + ids.length + " tokens" + scored + "]";
  }
}
