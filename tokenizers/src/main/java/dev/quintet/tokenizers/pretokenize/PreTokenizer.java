package dev.quintet.tokenizers.pretokenize;

import dev.quintet.tokenizers.format.PreTokenizerSpec;
import java.util.List;

/// The steps that cut a text into words, as a file describes them.
///
/// Immutable; any number of threads may use it.
public final class PreTokenizer {

  /// Stands for "the word's source is the text itself".
  public static final int NOT_MOVED = -1;

  /// Takes the words of a text, in order.
  @FunctionalInterface
  public interface Sink {
    /// Takes a word.
    ///
    /// @param source the text that the word is a stretch of: the text itself, or one that was made
    ///     of a stretch of it
    /// @param start where the word begins in `source`
    /// @param end where it ends in `source`
    /// @param shift what is to be added to a place in `source` to get one in the text
    /// @param from where the stretch begins in the text, and what was put before it is to be placed;
    ///     or [#NOT_MOVED]
    void word(String source, int start, int end, int shift, int from);
  }

  private final Splitter stretches;
  private final Splitter words;
  private final Space space;

  /// What becomes of spaces before words are cut.
  private enum Space {
    KEPT,
    KEPT_AND_PREFIXED,
    MARKED,
    MARKED_AND_PREFIXED,
    MARKED_AND_FIRST_PREFIXED
  }

  private PreTokenizer(Splitter stretches, Splitter words, Space space) {
    this.stretches = stretches;
    this.words = words;
    this.space = space;
  }

  /// Builds the steps.
  ///
  /// @param steps their descriptions; the last is [PreTokenizerSpec.ByteLevel] or
  ///     [PreTokenizerSpec.Metaspace]
  /// @return the steps
  public static PreTokenizer of(List<PreTokenizerSpec> steps) {
    Splitter stretches = Splitter.whole();
    for (int i = 0; i < steps.size(); i++) {
      switch (steps.get(i)) {
        case PreTokenizerSpec.ByteLevel(var addPrefixSpace, _, var useRegex) -> {
          Splitter words = Splitter.of(useRegex ? SplitPattern.GPT2 : SplitPattern.IDENTITY);
          return new PreTokenizer(
              stretches, words, addPrefixSpace ? Space.KEPT_AND_PREFIXED : Space.KEPT);
        }
        case PreTokenizerSpec.Metaspace(var prepend, var split) -> {
          Splitter words =
              split
                  ? MatchSplitter.literal("▁", MatchSplitter.Use.WITH_NEXT, false)
                  : Splitter.whole();
          Space space =
              switch (prepend) {
                case ALWAYS -> Space.MARKED_AND_PREFIXED;
                case FIRST -> Space.MARKED_AND_FIRST_PREFIXED;
                case NEVER -> Space.MARKED;
              };
          return new PreTokenizer(stretches, words, space);
        }
        case PreTokenizerSpec.WhitespaceSplit() ->
            stretches =
                after(stretches, i, MatchSplitter.regex("\\s+", MatchSplitter.Use.DROPPED, false));
        case PreTokenizerSpec.Digits(var individual) ->
            stretches = after(stretches, i, MatchSplitter.digits(individual));
        case PreTokenizerSpec.Split split -> stretches = after(stretches, i, splitter(split));
      }
    }
    throw new IllegalArgumentException(
        "PreTokenizer: expected ByteLevel or Metaspace at the end, got " + steps);
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
  /// @param first whether the stretch begins what is encoded
  /// @param sink takes the words
  public void split(String text, int start, int end, boolean first, Sink sink) {
    stretches.split(
        text,
        start,
        end,
        (from, to) -> {
          if (space == Space.KEPT) {
            words.split(text, from, to, (s, e) -> sink.word(text, s, e, 0, NOT_MOVED));
            return;
          }
          String prefix = prefix(text.charAt(from), first && from == start);
          if (space == Space.KEPT_AND_PREFIXED && prefix.isEmpty()) {
            words.split(text, from, to, (s, e) -> sink.word(text, s, e, 0, NOT_MOVED));
            return;
          }
          String stretch = text.substring(from, to);
          String source =
              prefix + (space == Space.KEPT_AND_PREFIXED ? stretch : stretch.replace(' ', '▁'));
          int shift = from - prefix.length();
          words.split(source, 0, source.length(), (s, e) -> sink.word(source, s, e, shift, from));
        });
  }

  private String prefix(char begins, boolean first) {
    boolean marked = begins == ' ' || begins == '▁';
    return switch (space) {
      case KEPT, MARKED -> "";
      case KEPT_AND_PREFIXED -> begins == ' ' ? "" : " ";
      case MARKED_AND_PREFIXED -> marked ? "" : "▁";
      case MARKED_AND_FIRST_PREFIXED -> marked || !first ? "" : "▁";
    };
  }
}
