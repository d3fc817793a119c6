package dev.quintet.tokenizers.huggingface;

/// One step of cutting a text into words, as a file describes it.
public sealed interface PreTokenizerSpec {

  /// The step that turns words into bytes.
  ///
  /// @param addPrefixSpace whether a stretch that does not begin with a space is given one
  /// @param trimOffsets kept for the file; without effect here
  /// @param useRegex whether it also cuts by GPT-2's pattern
  record ByteLevel(boolean addPrefixSpace, boolean trimOffsets, boolean useRegex)
      implements PreTokenizerSpec {}

  /// A step that only cuts.
  sealed interface Cut extends PreTokenizerSpec {}

  /// Cuts by a pattern.
  ///
  /// @param pattern a string, or a regular expression in the JDK's syntax, read with
  ///     `UNICODE_CHARACTER_CLASS`
  /// @param regex whether it is a regular expression
  /// @param behavior what becomes of the matches
  /// @param invert whether what lies between the matches counts as the match
  record Split(String pattern, boolean regex, Behavior behavior, boolean invert) implements Cut {}

  /// Cuts numbers off.
  ///
  /// @param individual whether each digit stands alone
  record Digits(boolean individual) implements Cut {}

  /// Drops white space.
  record WhitespaceSplit() implements Cut {}

  /// Cuts words and runs of what is neither word nor white space; drops white space.
  record Whitespace() implements Cut {}

  /// Drops white space, and cuts each punctuation mark off.
  record Bert() implements Cut {}

  /// Cuts at punctuation marks.
  ///
  /// @param behavior what becomes of them
  record Punctuation(Behavior behavior) implements Cut {}

  /// Cuts at a character and drops it.
  ///
  /// @param delimiter the character
  record CharDelimiterSplit(String delimiter) implements Cut {}

  /// Cuts into stretches of a number of characters; the last may have fewer.
  ///
  /// @param length the number, at least 1
  record FixedLength(int length) implements Cut {}

  /// Cuts where the script changes; Hiragana and Katakana count as Han, and a space as what is
  /// before it.
  record UnicodeScripts() implements Cut {}

  /// Marks words by a character for the space before them, as a rule U+2581.
  ///
  /// @param replacement the character that stands for a space
  /// @param prepend which stretches are given one that do not begin with one
  /// @param split whether each word stands alone
  record Metaspace(String replacement, Prepend prepend, boolean split)
      implements PreTokenizerSpec {}

  /// Which stretches are given a U+2581.
  enum Prepend {
    /// All.
    ALWAYS,
    /// The one that the text begins with.
    FIRST,
    /// None.
    NEVER
  }

  /// What becomes of a match.
  enum Behavior {
    /// It is dropped.
    REMOVED("Removed"),
    /// It stands alone.
    ISOLATED("Isolated"),
    /// It ends the stretch before it.
    MERGED_WITH_PREVIOUS("MergedWithPrevious"),
    /// It begins the stretch after it.
    MERGED_WITH_NEXT("MergedWithNext"),
    /// Neighbouring matches stand together.
    CONTIGUOUS("Contiguous");

    private final String spelled;

    Behavior(String spelled) {
      this.spelled = spelled;
    }

    /// How files spell it.
    ///
    /// @return the name in a file
    public String spelled() {
      return spelled;
    }
  }
}
