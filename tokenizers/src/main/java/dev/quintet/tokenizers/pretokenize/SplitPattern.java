package dev.quintet.tokenizers.pretokenize;

/// How a text is cut into words before byte pairs are merged: merges never cross a cut.
///
/// @param regex the regular expression whose matches are the words; empty means that nothing is cut
public record SplitPattern(String regex) {

  /// GPT-2's pattern: contractions, then words, numbers and punctuation, each with one leading space.
  public static final SplitPattern GPT2 =
      new SplitPattern(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

  /// GPT-4's pattern in its classic form, "gpt" in arXiv 2402.01035: numbers in threes, new lines apart.
  public static final SplitPattern GPT4 =
      new SplitPattern(
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
              + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

  /// The pattern of tiktoken's cl100k_base (0.14), with `{1,3}` where that has `{1,3}+`: the words
  /// are the same, and in a `tokenizer.json` the plus would mean numbers of any length.
  public static final SplitPattern CL100K =
      new SplitPattern(
          "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}"
              + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s");

  /// The pattern of tiktoken's o200k_base.
  public static final SplitPattern O200K =
      new SplitPattern(
          "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
              + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
              + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
              + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
              + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

  /// "punct" in arXiv 2402.01035: like [#GPT4], with punctuation never joined to the word after it.
  public static final SplitPattern PUNCT =
      new SplitPattern(
          " ?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

  /// No cut at all: merges may cross anything.
  public static final SplitPattern IDENTITY = new SplitPattern("");

  /// The pattern of a name (`gpt2`, `gpt4`, `cl100k`, `o200k`, `punct`, `identity`), or of a regular expression.
  ///
  /// @param nameOrRegex a name, else it is taken as a regular expression
  /// @return the pattern
  public static SplitPattern of(String nameOrRegex) {
    return switch (nameOrRegex) {
      case "gpt2" -> GPT2;
      case "gpt4" -> GPT4;
      case "cl100k" -> CL100K;
      case "o200k" -> O200K;
      case "punct" -> PUNCT;
      case "identity" -> IDENTITY;
      default -> new SplitPattern(nameOrRegex);
    };
  }
}
