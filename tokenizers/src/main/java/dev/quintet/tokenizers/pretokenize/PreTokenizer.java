package dev.quintet.tokenizers.pretokenize;

import dev.quintet.tokenizers.format.PreTokenizerSpec;
import java.util.List;

/// The steps that cut a text into words for a byte-level model, as a file describes them.
///
/// Immutable; any number of threads may use it.
public final class PreTokenizer {

  /// Stands for "no space was put before the word's stretch".
  public static final int NOT_PREFIXED = -1;

  /// Takes the words of a text, in order.
  @FunctionalInterface
  public interface Sink {
    /// Takes a word.
    ///
    /// @param source the text that the word is a stretch of: the text itself, or where a space was
    ///     put before a stretch, that space and the stretch
    /// @param start where the word begins in `source`
    /// @param end where it ends in `source`
    /// @param prefixedAt where the stretch begins in the text if a space was put before it, else
    ///     [#NOT_PREFIXED]
    void word(String source, int start, int end, int prefixedAt);
  }

  private final Splitter stretches;
  private final Splitter words;
  private final boolean addPrefixSpace;

  private PreTokenizer(Splitter stretches, Splitter words, boolean addPrefixSpace) {
    this.stretches = stretches;
    this.words = words;
    this.addPrefixSpace = addPrefixSpace;
  }

  /// Builds the steps.
  ///
  /// @param steps their descriptions; the last is [PreTokenizerSpec.ByteLevel]
  /// @return the steps
  public static PreTokenizer of(List<PreTokenizerSpec> steps) {
    Splitter stretches = Splitter.whole();
    for (int i = 0; i < steps.size(); i++) {
      switch (steps.get(i)) {
        case PreTokenizerSpec.ByteLevel(var addPrefixSpace, _, var useRegex) -> {
          Splitter words = Splitter.of(useRegex ? SplitPattern.GPT2 : SplitPattern.IDENTITY);
          return new PreTokenizer(stretches, words, addPrefixSpace);
        }
        case PreTokenizerSpec.Digits(var individual) ->
            stretches = after(stretches, i, MatchSplitter.digits(individual));
        case PreTokenizerSpec.Split split -> stretches = after(stretches, i, splitter(split));
      }
    }
    throw new IllegalArgumentException("PreTokenizer: expected ByteLevel at the end, got " + steps);
  }

  private static Splitter after(Splitter before, int steps, Splitter next) {
    return steps == 0 ? next : before.then(next);
  }

  private static Splitter splitter(PreTokenizerSpec.Split split) {
    MatchSplitter.Use use =
        switch (split.behavior()) {
          case REMOVED -> MatchSplitter.Use.DROPPED;
          case ISOLATED -> MatchSplitter.Use.ALONE;
          case MERGED_WITH_PREVIOUS -> MatchSplitter.Use.WITH_PREVIOUS;
          case MERGED_WITH_NEXT -> MatchSplitter.Use.WITH_NEXT;
          case CONTIGUOUS -> MatchSplitter.Use.TOGETHER;
        };
    if (!split.regex()) {
      return MatchSplitter.literal(split.pattern(), use, split.invert());
    }
    // Well-known patterns match every character, so that isolated or inverted and removed is one.
    boolean isolated =
        use == MatchSplitter.Use.ALONE || use == MatchSplitter.Use.DROPPED && split.invert();
    return isolated
        ? PatternScanner.find(new SplitPattern(split.pattern()))
            .orElseGet(() -> MatchSplitter.regex(split.pattern(), use, split.invert()))
        : MatchSplitter.regex(split.pattern(), use, split.invert());
  }

  /// Cuts a stretch of text into words.
  ///
  /// @param text the text, without lone surrogates
  /// @param start where the stretch begins
  /// @param end where it ends
  /// @param sink takes the words
  public void split(String text, int start, int end, Sink sink) {
    stretches.split(
        text,
        start,
        end,
        (from, to) -> {
          if (addPrefixSpace && text.charAt(from) != ' ') {
            String source = " " + text.substring(from, to);
            words.split(source, 0, source.length(), (s, e) -> sink.word(source, s, e, from));
          } else {
            words.split(text, from, to, (s, e) -> sink.word(text, s, e, NOT_PREFIXED));
          }
        });
  }
}
