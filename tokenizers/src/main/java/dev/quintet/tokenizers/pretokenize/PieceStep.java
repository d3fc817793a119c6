package dev.quintet.tokenizers.pretokenize;

import dev.quintet.tokenizers.huggingface.PreTokenizerSpec;
import dev.quintet.tokenizers.normalize.AlignedText;
import dev.quintet.tokenizers.normalize.Rewriting;
import dev.quintet.tokenizers.text.ByteLetters;
import dev.quintet.tokenizers.text.ReferenceUnicode;
import dev.quintet.tokenizers.text.Text;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// One step of a pre-tokenizer, on one piece of text.
@FunctionalInterface
interface PieceStep {

  void apply(AlignedText piece, Consumer<AlignedText> out);

  static PieceStep of(PreTokenizerSpec spec) {
    return switch (spec) {
      case PreTokenizerSpec.ByteLevel(var prefix, _, var useRegex) -> {
        Splitter words = Splitter.of(useRegex ? SplitPattern.GPT2 : SplitPattern.IDENTITY);
        yield (piece, out) -> {
          AlignedText text = prefix ? prefixed(piece, ' ') : piece;
          words.split(
              text.text(),
              text.start(),
              text.end(),
              (from, to) -> out.accept(letters(text.part(from, to))));
        };
      }
      case PreTokenizerSpec.Metaspace(var replacement, var prepend, var split) -> {
        int mark = replacement.codePointAt(0);
        Splitter words =
            split
                ? MatchSplitter.literal(replacement, MatchSplitter.Use.WITH_NEXT, false)
                : Splitter.whole();
        yield (piece, out) -> {
          AlignedText marked = marked(piece, mark);
          boolean prefix =
              switch (prepend) {
                case ALWAYS -> true;
                case FIRST -> piece.origin() == 0;
                case NEVER -> false;
              };
          AlignedText text = prefix ? prefixed(marked, mark) : marked;
          words.split(
              text.text(), text.start(), text.end(), (from, to) -> out.accept(text.part(from, to)));
        };
      }
      case PreTokenizerSpec.Cut cut -> {
        Splitter cuts = splitter(cut);
        yield (piece, out) ->
            cuts.split(
                piece.text(),
                piece.start(),
                piece.end(),
                (from, to) -> out.accept(piece.part(from, to)));
      }
    };
  }

  /// The splitter of a step that only cuts.
  static Splitter splitter(PreTokenizerSpec.Cut spec) {
    return switch (spec) {
      case PreTokenizerSpec.Split split -> splitter(split);
      case PreTokenizerSpec.Digits(var individual) -> MatchSplitter.digits(individual);
      case PreTokenizerSpec.WhitespaceSplit() ->
          MatchSplitter.characters(Text::isSpace, MatchSplitter.Use.DROPPED);
      case PreTokenizerSpec.Whitespace() ->
          MatchSplitter.regex("\\w+|[^\\w\\s]+", MatchSplitter.Use.DROPPED, true);
      case PreTokenizerSpec.Bert() ->
          MatchSplitter.characters(Text::isSpace, MatchSplitter.Use.DROPPED)
              .then(punctuation(MatchSplitter.Use.ALONE));
      case PreTokenizerSpec.Punctuation(var behavior) -> punctuation(use(behavior));
      case PreTokenizerSpec.CharDelimiterSplit(var delimiter) ->
          MatchSplitter.literal(delimiter, MatchSplitter.Use.DROPPED, false);
      case PreTokenizerSpec.UnicodeScripts() -> new ScriptSplitter();
      case PreTokenizerSpec.FixedLength(var length) ->
          (text, start, end, sink) -> fixedLength(length, text, start, end, sink);
    };
  }

  private static MatchSplitter punctuation(MatchSplitter.Use use) {
    return MatchSplitter.characters(ReferenceUnicode::isPunctuation, use);
  }

  private static MatchSplitter.Use use(PreTokenizerSpec.Behavior behavior) {
    return switch (behavior) {
      case REMOVED -> MatchSplitter.Use.DROPPED;
      case ISOLATED -> MatchSplitter.Use.ALONE;
      case MERGED_WITH_PREVIOUS -> MatchSplitter.Use.WITH_PREVIOUS;
      case MERGED_WITH_NEXT -> MatchSplitter.Use.WITH_NEXT;
      case CONTIGUOUS -> MatchSplitter.Use.TOGETHER;
    };
  }

  private static Splitter splitter(PreTokenizerSpec.Split split) {
    MatchSplitter.Use use = use(split.behavior());
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

  private static void fixedLength(int length, String text, int start, int end, Splitter.Sink sink) {
    int from = start;
    int characters = 0;
    for (int i = start; i < end; ) {
      i += Character.charCount(text.codePointAt(i));
      if (++characters == length || i == end) {
        sink.word(from, i);
        from = i;
        characters = 0;
      }
    }
  }

  private static AlignedText prefixed(AlignedText text, int prefix) {
    int first = text.text().codePointAt(text.start());
    if (first == prefix) {
      return text;
    }
    Rewriting out = new Rewriting(text);
    out.put(prefix, 0);
    out.add(first);
    int second = text.start() + Character.charCount(first);
    out.copy(second, text.end());
    return out.result();
  }

  private static AlignedText marked(AlignedText text, int mark) {
    if (text.text().indexOf(' ', text.start(), text.end()) < 0) {
      return text;
    }
    Rewriting out = new Rewriting(text);
    int c;
    for (int i = text.start(); i < text.end(); i += Character.charCount(c)) {
      c = text.text().codePointAt(i);
      out.put(c == ' ' ? mark : c, 0);
    }
    return out.result();
  }

  private static AlignedText letters(AlignedText word) {
    Rewriting out = new Rewriting(word);
    int c;
    for (int i = word.start(); i < word.end(); i += Character.charCount(c)) {
      c = word.text().codePointAt(i);
      byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
      for (int k = 0; k < utf8.length; k++) {
        out.put(ByteLetters.letter(utf8[k] & 0xFF), k == 0 ? 0 : 1);
      }
    }
    return out.result();
  }
}
