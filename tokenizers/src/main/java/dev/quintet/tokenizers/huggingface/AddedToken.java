package dev.quintet.tokenizers.huggingface;

/// A token that is found in the text before the model sees it.
///
/// @param id its id
/// @param content its text
/// @param singleWord whether it is found only where no word character stands beside it
/// @param lstrip whether it takes the white space before it along
/// @param rstrip whether it takes the white space after it along
/// @param normalized whether it is looked for in the normalized text, in its normalized form
/// @param special whether decoding may leave it out
public record AddedToken(
    int id,
    String content,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {

  AddedToken withId(int other) {
    return new AddedToken(other, content, singleWord, lstrip, rstrip, normalized, special);
  }

  /// A special token as trainers make them: found anywhere in the raw text.
  ///
  /// @param id its id
  /// @param content its text
  /// @return the token
  public static AddedToken special(int id, String content) {
    return new AddedToken(id, content, false, false, false, false, true);
  }
}
