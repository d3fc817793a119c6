package dev.quintet.tokenizers.pretokenize;

/// Cuts a stretch of text into words.
///
/// The text has no lone surrogates, and a stretch never begins or ends inside a pair. Splitters are
/// immutable and may be used by any number of threads.
@FunctionalInterface
public interface Splitter {

  /// Takes the words of a stretch, in order.
  @FunctionalInterface
  interface Sink {
    /// Takes a word; it is never empty.
    ///
    /// @param start the index of its first UTF-16 unit
    /// @param end the index after its last UTF-16 unit
    void word(int start, int end);
  }

  /// Cuts a stretch; what lies outside it is not looked at.
  ///
  /// @param text the text
  /// @param start where the stretch begins
  /// @param end where it ends
  /// @param sink takes the words
  void split(String text, int start, int end, Sink sink);

  /// The splitter that leaves a stretch whole.
  ///
  /// @return the splitter
  static Splitter whole() {
    return (text, start, end, sink) -> {
      if (start < end) {
        sink.word(start, end);
      }
    };
  }

  /// The splitter whose words are the matches of a pattern and what lies between them: a scanner
  /// for the patterns that [SplitPattern] names, the JDK's regular expressions for any other.
  ///
  /// @param pattern the pattern
  /// @return the splitter
  /// @throws java.util.regex.PatternSyntaxException when it is not a regular expression
  static Splitter of(SplitPattern pattern) {
    if (pattern.equals(SplitPattern.IDENTITY)) {
      return whole();
    }
    return PatternScanner.find(pattern)
        .<Splitter>map(scanner -> scanner)
        .orElseGet(() -> MatchSplitter.regex(pattern.regex(), MatchSplitter.Use.ALONE, false));
  }

  /// This splitter, and then another one inside each of its words.
  ///
  /// @param next the other one
  /// @return both in turn
  default Splitter then(Splitter next) {
    return (text, start, end, sink) ->
        split(text, start, end, (from, to) -> next.split(text, from, to, sink));
  }
}
