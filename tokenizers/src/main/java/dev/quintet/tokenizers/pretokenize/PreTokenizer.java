package dev.quintet.tokenizers.pretokenize;

import dev.quintet.tokenizers.format.PreTokenizerSpec;
import dev.quintet.tokenizers.token.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The steps that cut a text into words, as a file describes them.
///
/// Immutable; any number of threads may use it.
public final class PreTokenizer {

  /// Stands for "the source is the text itself".
  public static final int NOT_MOVED = -1;

  /// Takes the stretches or the words of a text, in order.
  @FunctionalInterface
  public interface Sink {
    /// Takes a stretch or a word.
    ///
    /// @param source holds it: the text itself, or one that was made of a stretch of it
    /// @param start where it begins in `source`
    /// @param end where it ends in `source`
    /// @param shift what is to be added to a place in `source` to get one in the text
    /// @param from where the stretch begins in the text, and what was put before it is to be placed;
    ///     or [#NOT_MOVED]
    void take(String source, int start, int end, int shift, int from);
  }

  private final Splitter stretches;
  private final ByteSplitter words;
  private final Space space;

  /// What becomes of spaces before words are cut.
  private enum Space {
    KEPT,
    KEPT_AND_PREFIXED,
    MARKED,
    MARKED_AND_PREFIXED,
    MARKED_AND_FIRST_PREFIXED
  }

  private PreTokenizer(Splitter stretches, ByteSplitter words, Space space) {
    // A scanner that is all there is cuts bytes as well as text, and faster.
    boolean alone =
        stretches instanceof PatternScanner && words == ByteSplitter.WHOLE && space == Space.KEPT;
    this.stretches = alone ? Splitter.whole() : stretches;
    this.words = alone ? (PatternScanner) stretches : words;
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
          ByteSplitter words =
              useRegex ? PatternScanner.find(SplitPattern.GPT2).orElseThrow() : ByteSplitter.WHOLE;
          return new PreTokenizer(
              stretches, words, addPrefixSpace ? Space.KEPT_AND_PREFIXED : Space.KEPT);
        }
        case PreTokenizerSpec.Metaspace(var prepend, var split) -> {
          ByteSplitter words = split ? PreTokenizer::markedWord : ByteSplitter.WHOLE;
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
            .<Splitter>map(scanner -> scanner)
            .orElseGet(() -> MatchSplitter.regex(split.pattern(), use, split.invert()))
        : MatchSplitter.regex(split.pattern(), use, split.invert());
  }

  /// Cuts a text into stretches, and puts marks for spaces into them; [#words] cuts these further.
  ///
  /// @param text the text, without lone surrogates
  /// @param start where to begin
  /// @param end where to end
  /// @param first whether it begins what is encoded
  /// @param sink takes the stretches
  public void stretches(String text, int start, int end, boolean first, Sink sink) {
    stretches.split(
        text,
        start,
        end,
        (from, to) -> {
          String prefix =
              space == Space.KEPT ? "" : prefix(text.charAt(from), first && from == start);
          boolean marked = isMarked() && text.indexOf('▁', from, to) >= 0;
          if (prefix.isEmpty() && !marked) {
            sink.take(text, from, to, 0, NOT_MOVED);
            return;
          }
          String stretch = text.substring(from, to);
          String source = prefix + (marked ? stretch.replace('▁', ' ') : stretch);
          sink.take(source, 0, source.length(), from - prefix.length(), from);
        });
  }

  /// Cuts a text into words.
  ///
  /// @param text the text, without lone surrogates
  /// @param start where to begin
  /// @param end where to end
  /// @param first whether it begins what is encoded
  /// @param sink takes the words
  public void split(String text, int start, int end, boolean first, Sink sink) {
    stretches(
        text,
        start,
        end,
        first,
        (source, s, e, shift, from) -> {
          byte[] utf8 = source.substring(s, e).getBytes(StandardCharsets.UTF_8);
          int unit = s;
          for (int at = 0; at < utf8.length; ) {
            int next = words.next(utf8, at, utf8.length);
            int unitEnd = unit + Utf8.units(utf8, at, next);
            sink.take(source, unit, unitEnd, shift, from);
            unit = unitEnd;
            at = next;
          }
        });
  }

  /// What cuts a stretch into words.
  ///
  /// @return the splitter
  public ByteSplitter words() {
    return words;
  }

  /// Whether spaces in what [#stretches] gives stand for U+2581, which is no longer there; spaces
  /// take less memory, and the model's words are remembered by them.
  ///
  /// @return whether they do
  public boolean isMarked() {
    return switch (space) {
      case KEPT, KEPT_AND_PREFIXED -> false;
      case MARKED, MARKED_AND_PREFIXED, MARKED_AND_FIRST_PREFIXED -> true;
    };
  }

  /// A word begins at each space.
  private static int markedWord(byte[] utf8, int at, int end) {
    int i = at + 1;
    while (i < end && utf8[i] != ' ') {
      i++;
    }
    return i;
  }

  private String prefix(char begins, boolean first) {
    boolean marked = begins == ' ' || begins == '▁';
    return switch (space) {
      case KEPT, MARKED -> "";
      case KEPT_AND_PREFIXED -> begins == ' ' ? "" : " ";
      case MARKED_AND_PREFIXED -> marked ? "" : " ";
      case MARKED_AND_FIRST_PREFIXED -> marked || !first ? "" : " ";
    };
  }
}
