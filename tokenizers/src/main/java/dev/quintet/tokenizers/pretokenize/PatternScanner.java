package dev.quintet.tokenizers.pretokenize;

import dev.quintet.tokenizers.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Hand-written scanners for the well-known patterns. Each gives the words that the regular
/// expression gives, many times as fast and without its stack; a test holds them equal.
///
/// The patterns are built from the same few alternatives, tried in this order: a contraction, a
/// word of letters, a number, a run of punctuation, and white space, which leaves its last
/// character to the word after it.
final class PatternScanner implements Splitter, ByteSplitter {

  private enum Kind {
    GPT2(SplitPattern.GPT2),
    GPT4(SplitPattern.GPT4),
    CL100K(SplitPattern.CL100K),
    O200K(SplitPattern.O200K),
    PUNCT(SplitPattern.PUNCT);

    private final String regex;

    Kind(SplitPattern pattern) {
      this.regex = pattern.regex();
    }
  }

  private static final int NO_MATCH = -1;
  private static final String THREE_DIGITS = "\\p{N}{1,3}";

  /// What a pattern with `$` begins with when it comes from a `tokenizer.json`. In these patterns
  /// `$` follows all white space there is, so that the end of a line is the end of the text.
  private static final String LINES = "(?dm)";

  private final Kind kind;

  /// How many digits a number has at most.
  private final int digits;

  private PatternScanner(Kind kind, int digits) {
    this.kind = kind;
    this.digits = digits;
  }

  /// The scanner for a pattern, or for the same with numbers of at most one, two or four digits.
  static Optional<PatternScanner> find(SplitPattern pattern) {
    String regex = pattern.regex();
    if (regex.startsWith(LINES)) {
      regex = regex.substring(LINES.length());
    }
    for (Kind kind : Kind.values()) {
      if (kind.regex.equals(regex)) {
        return Optional.of(new PatternScanner(kind, 3));
      }
      for (int digits = 1; digits < 5 && kind.regex.contains(THREE_DIGITS); digits++) {
        String number = digits == 1 ? "\\p{N}" : "\\p{N}{1," + digits + "}";
        if (kind.regex.replace(THREE_DIGITS, number).equals(regex)) {
          return Optional.of(new PatternScanner(kind, digits));
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public void split(String text, int start, int end, Sink sink) {
    byte[] utf8 = text.substring(start, end).getBytes(StandardCharsets.UTF_8);
    int unit = start;
    for (int i = 0; i < utf8.length; ) {
      int next = next(utf8, i, utf8.length);
      int unitEnd = unit + Utf8.units(utf8, i, next);
      sink.word(unit, unitEnd);
      unit = unitEnd;
      i = next;
    }
  }

  @Override
  public int next(byte[] text, int i, int end) {
    return switch (kind) {
      case GPT2 -> gpt2(text, i, end);
      case GPT4 -> gpt4(text, i, end, false);
      case CL100K -> gpt4(text, i, end, true);
      case O200K -> o200k(text, i, end);
      case PUNCT -> punct(text, i, end);
    };
  }

  private static int gpt2(byte[] text, int i, int end) {
    if (text[i] == '\'') {
      int after = contraction(text, i, end, false);
      if (after != NO_MATCH) {
        return after;
      }
    }
    int from = afterSpace(text, i, end);
    int bits = CharClass.at(text, from);
    if ((bits & CharClass.SPACE) == 0) {
      int same = bits & (CharClass.LETTER | CharClass.NUMBER);
      return same == 0 ? runOfOther(text, from, end) : run(text, from, end, same);
    }
    return spaces(text, i, end);
  }

  private int gpt4(byte[] text, int i, int end, boolean spacesToEnd) {
    if (text[i] == '\'') {
      int after = contraction(text, i, end, true);
      if (after != NO_MATCH) {
        return after;
      }
    }
    int bits = CharClass.at(text, i);
    int second = i + Utf8.lengthByLead(text[i]);
    if ((bits & CharClass.LETTER) != 0) {
      return run(text, second, end, CharClass.LETTER);
    }
    if ((bits & CharClass.NUMBER) != 0) {
      return numbers(text, i, end);
    }
    if ((bits & CharClass.NEWLINE) == 0
        && second < end
        && (CharClass.at(text, second) & CharClass.LETTER) != 0) {
      return run(text, second, end, CharClass.LETTER);
    }
    int after = punctuation(text, i, end, false);
    if (after != NO_MATCH) {
      return after;
    }
    int stop = run(text, i, end, CharClass.SPACE);
    return spacesToEnd && stop == end ? end : lines(text, i, stop, end);
  }

  private int punct(byte[] text, int i, int end) {
    int from = afterSpace(text, i, end);
    int bits = CharClass.at(text, from);
    if ((bits & CharClass.LETTER) != 0) {
      return run(text, from, end, CharClass.LETTER);
    }
    if (from == i && (bits & CharClass.NUMBER) != 0) {
      return numbers(text, i, end);
    }
    int after = punctuation(text, i, end, false);
    return after != NO_MATCH ? after : lines(text, i, run(text, i, end, CharClass.SPACE), end);
  }

  private int o200k(byte[] text, int i, int end) {
    int bits = CharClass.at(text, i);
    // A first character that is neither letter nor number nor line end may lead the word.
    boolean leads = (bits & (CharClass.LETTER | CharClass.NUMBER | CharClass.NEWLINE)) == 0;
    int second = i + Utf8.lengthByLead(text[i]);
    int after = leads ? mixedWord(text, second, end, true) : NO_MATCH;
    if (after == NO_MATCH) {
      after = mixedWord(text, i, end, true);
    }
    if (after == NO_MATCH && leads) {
      after = mixedWord(text, second, end, false);
    }
    if (after == NO_MATCH) {
      after = mixedWord(text, i, end, false);
    }
    if (after != NO_MATCH) {
      int contracted =
          after < end && text[after] == '\'' ? contraction(text, after, end, true) : NO_MATCH;
      return contracted == NO_MATCH ? after : contracted;
    }
    if ((bits & CharClass.NUMBER) != 0) {
      return numbers(text, i, end);
    }
    after = punctuation(text, i, end, true);
    return after != NO_MATCH ? after : lines(text, i, run(text, i, end, CharClass.SPACE), end);
  }

  /// `UPPER*LOWER+` when `lowerNeeded`, else `UPPER+LOWER*`, with what a backtracking matcher
  /// gives back: the upper run gives up letters without case and marks, which count as both.
  private static int mixedWord(byte[] text, int i, int end, boolean lowerNeeded) {
    int upperEnd = i;
    int lastBoth = NO_MATCH;
    while (upperEnd < end) {
      int bits = CharClass.at(text, upperEnd);
      if ((bits & CharClass.UPPER) == 0) {
        break;
      }
      upperEnd += Utf8.lengthByLead(text[upperEnd]);
      if ((bits & CharClass.LOWER) != 0) {
        lastBoth = upperEnd;
      }
    }
    int lowerEnd = run(text, upperEnd, end, CharClass.LOWER);
    if (lowerNeeded) {
      return lowerEnd > upperEnd ? lowerEnd : lastBoth;
    }
    return upperEnd > i ? lowerEnd : NO_MATCH;
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+` over the white space from `i` to `stop`.
  private static int lines(byte[] text, int i, int stop, int end) {
    for (int j = stop; j > i; j--) {
      byte c = text[j - 1];
      if (c == '\n' || c == '\r') {
        return j;
      }
    }
    return butLast(text, i, stop, end);
  }

  /// `\s+(?!\S)|\s+`.
  private static int spaces(byte[] text, int i, int end) {
    return butLast(text, i, run(text, i, end, CharClass.SPACE), end);
  }

  /// White space from `i` to `stop`; leaves its last character to the next word if it has others.
  private static int butLast(byte[] text, int i, int stop, int end) {
    if (stop == end) {
      return stop;
    }
    int last = stop - 1;
    while (text[last] < (byte) 0xC0) {
      last--;
    }
    return last == i ? stop : last;
  }

  /// ` ?[^\s\p{L}\p{N}]+[\r\n]*`, with `[\r\n/]*` at its end when `slash`.
  private static int punctuation(byte[] text, int i, int end, boolean slash) {
    int from = afterSpace(text, i, end);
    int stop = runOfOther(text, from, end);
    if (stop == from) {
      return NO_MATCH;
    }
    while (stop < end) {
      byte c = text[stop];
      if (c != '\n' && c != '\r' && !(slash && c == '/')) {
        break;
      }
      stop++;
    }
    return stop;
  }

  private int numbers(byte[] text, int i, int end) {
    int stop = i;
    for (int n = 0; n < digits && stop < end; n++) {
      if ((CharClass.at(text, stop) & CharClass.NUMBER) == 0) {
        break;
      }
      stop += Utf8.lengthByLead(text[stop]);
    }
    return stop;
  }

  private static int afterSpace(byte[] text, int i, int end) {
    return text[i] == ' ' && i + 1 < end ? i + 1 : i;
  }

  private static int run(byte[] text, int i, int end, int bits) {
    int stop = i;
    while (stop < end && (CharClass.at(text, stop) & bits) != 0) {
      stop += Utf8.lengthByLead(text[stop]);
    }
    return stop;
  }

  private static int runOfOther(byte[] text, int i, int end) {
    int known = CharClass.LETTER | CharClass.NUMBER | CharClass.SPACE;
    int stop = i;
    while (stop < end && (CharClass.at(text, stop) & known) == 0) {
      stop += Utf8.lengthByLead(text[stop]);
    }
    return stop;
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d`; without regard to case, U+017F counts as an s.
  private static int contraction(byte[] text, int i, int end, boolean anyCase) {
    if (i + 1 >= end) {
      return NO_MATCH;
    }
    int first = fold(text[i + 1], anyCase);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
      return i + 2;
    }
    if (i + 2 >= end) {
      return NO_MATCH;
    }
    if (anyCase && first == 0xC5 && (text[i + 2] & 0xFF) == 0xBF) {
      return i + 3;
    }
    int second = fold(text[i + 2], anyCase);
    boolean known =
        second == 'e' && (first == 'r' || first == 'v') || first == 'l' && second == 'l';
    return known ? i + 3 : NO_MATCH;
  }

  private static int fold(byte c, boolean anyCase) {
    return anyCase && c >= 'A' && c <= 'Z' ? c + 32 : c & 0xFF;
  }
}
