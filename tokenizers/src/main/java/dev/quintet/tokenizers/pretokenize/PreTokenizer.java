package dev.quintet.tokenizers.pretokenize;

import dev.quintet.tokenizers.huggingface.PreTokenizerSpec;
import dev.quintet.tokenizers.normalize.AlignedText;
import dev.quintet.tokenizers.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The steps that cut a text into words, as a file describes them.
///
/// Most files only cut, and then turn words into bytes or mark spaces; those take a short way: the
/// text is cut in place, and its words are cut in UTF-8 ([#isPlain], [#stretches], [#words]). Any
/// other order of steps works on pieces ([#pieces]). Immutable; any number of threads may use it.
public final class PreTokenizer {

  /// Stands for "the source is the text itself".
  public static final int NOT_MOVED = -1;

  private static final String MARK = "▁";

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

  private final boolean plain;
  private final boolean bytes;
  private final Splitter stretches;
  private final ByteSplitter words;
  private final Space space;
  private final List<PieceStep> pieceSteps;

  /// What becomes of spaces before words are cut.
  private enum Space {
    KEPT,
    KEPT_AND_PREFIXED,
    MARKED,
    MARKED_AND_PREFIXED,
    MARKED_AND_FIRST_PREFIXED
  }

  private PreTokenizer(List<PreTokenizerSpec> steps) {
    Splitter cuts = Splitter.whole();
    ByteSplitter inner = ByteSplitter.WHOLE;
    Space spaces = Space.KEPT;
    boolean shortWay = true;
    boolean toBytes = false;
    for (int i = 0; i < steps.size(); i++) {
      boolean last = i == steps.size() - 1;
      switch (steps.get(i)) {
        case PreTokenizerSpec.ByteLevel(var prefix, _, var useRegex) -> {
          shortWay &= last;
          toBytes = true;
          spaces = prefix ? Space.KEPT_AND_PREFIXED : Space.KEPT;
          inner = useRegex ? gpt2() : ByteSplitter.WHOLE;
        }
        case PreTokenizerSpec.Metaspace(var replacement, var prepend, var split) -> {
          shortWay &= last && replacement.equals(MARK);
          inner = split ? PreTokenizer::markedWord : ByteSplitter.WHOLE;
          spaces =
              switch (prepend) {
                case ALWAYS -> Space.MARKED_AND_PREFIXED;
                case FIRST -> Space.MARKED_AND_FIRST_PREFIXED;
                case NEVER -> Space.MARKED;
              };
        }
        case PreTokenizerSpec.Cut cut -> {
          Splitter next = PieceStep.splitter(cut);
          cuts = i == 0 ? next : cuts.then(next);
        }
      }
    }
    // A scanner that is all there is cuts bytes as well as text, and faster.
    boolean alone =
        cuts instanceof PatternScanner && inner == ByteSplitter.WHOLE && spaces == Space.KEPT;
    this.stretches = alone ? Splitter.whole() : cuts;
    this.words = alone ? (PatternScanner) cuts : inner;
    this.space = spaces;
    this.plain = shortWay;
    this.bytes = toBytes;
    this.pieceSteps = steps.stream().map(PieceStep::of).toList();
  }

  private static ByteSplitter gpt2() {
    return PatternScanner.find(SplitPattern.GPT2).orElseThrow();
  }

  /// Builds the steps.
  ///
  /// @param steps their descriptions
  /// @return the steps
  public static PreTokenizer of(List<PreTokenizerSpec> steps) {
    return new PreTokenizer(steps);
  }

  /// Whether [#stretches] and [#words] do all that the steps do, but for turning words into bytes.
  ///
  /// @return whether the short way is open
  public boolean isPlain() {
    return plain;
  }

  /// Whether a step turns words into the letters that stand for their bytes.
  ///
  /// @return whether one does
  public boolean makesBytes() {
    return bytes;
  }

  /// Cuts a text into pieces, by any steps.
  ///
  /// @param text the text, without lone surrogates
  /// @return the pieces, none of them empty
  public List<AlignedText> pieces(AlignedText text) {
    List<AlignedText> pieces = text.isEmpty() ? List.of() : List.of(text);
    for (PieceStep step : pieceSteps) {
      List<AlignedText> next = new ArrayList<>();
      for (AlignedText piece : pieces) {
        step.apply(
            piece,
            one -> {
              if (!one.isEmpty()) {
                next.add(one);
              }
            });
      }
      pieces = next;
    }
    return pieces;
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
