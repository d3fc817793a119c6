package dev.quintet.tokenizers.pretokenize;

import dev.quintet.tokenizers.text.ReferenceUnicode;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts a stretch where a pattern matches, and does with the matches what Hugging Face's `Split`
/// does. Regular expressions are the JDK's with `UNICODE_CHARACTER_CLASS`.
public final class MatchSplitter implements Splitter {

  /// What becomes of a match.
  public enum Use {
    /// It is dropped.
    DROPPED,
    /// It stands alone.
    ALONE,
    /// It ends the stretch before it.
    WITH_PREVIOUS,
    /// It begins the stretch after it.
    WITH_NEXT,
    /// Neighbouring matches stand together.
    TOGETHER
  }

  /// Says where the matches of a stretch are, in order.
  private interface Finder {
    void find(String text, int start, int end, Sink sink);
  }

  private final Finder finder;
  private final Use use;
  private final boolean invert;

  private MatchSplitter(Finder finder, Use use, boolean invert) {
    this.finder = finder;
    this.use = use;
    this.invert = invert;
  }

  /// Cuts by a regular expression.
  ///
  /// @param regex the expression
  /// @param use what becomes of its matches
  /// @param invert whether what lies between the matches counts as the match
  /// @return the splitter
  /// @throws java.util.regex.PatternSyntaxException when it is not a regular expression
  public static MatchSplitter regex(String regex, Use use, boolean invert) {
    return of(Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS), use, invert);
  }

  /// Cuts by a string.
  ///
  /// @param literal the string, not empty
  /// @param use what becomes of its occurrences
  /// @param invert whether what lies between the occurrences counts as the match
  /// @return the splitter
  public static MatchSplitter literal(String literal, Use use, boolean invert) {
    return of(Pattern.compile(literal, Pattern.LITERAL), use, invert);
  }

  private static MatchSplitter of(Pattern pattern, Use use, boolean invert) {
    return new MatchSplitter(
        (text, start, end, sink) -> find(pattern, text, start, end, sink), use, invert);
  }

  /// Cuts by single characters.
  ///
  /// @param matched which characters
  /// @param use what becomes of them
  /// @return the splitter
  public static MatchSplitter characters(IntPredicate matched, Use use) {
    return new MatchSplitter(
        (text, start, end, sink) -> {
          int next;
          for (int i = start; i < end; i = next) {
            int c = text.codePointAt(i);
            next = i + Character.charCount(c);
            if (matched.test(c)) {
              sink.word(i, next);
            }
          }
        },
        use,
        false);
  }

  /// Cuts numbers ([ReferenceUnicode#isNumber]) off.
  ///
  /// @param individual whether each digit stands alone
  /// @return the splitter
  public static MatchSplitter digits(boolean individual) {
    return characters(ReferenceUnicode::isNumber, individual ? Use.ALONE : Use.TOGETHER);
  }

  @Override
  public void split(String text, int start, int end, Sink sink) {
    Spans spans = matches(text, start, end);
    Spans words =
        switch (use) {
          case DROPPED, ALONE -> spans;
          case TOGETHER, WITH_PREVIOUS -> joinedForward(spans);
          case WITH_NEXT -> joinedBackward(spans);
        };
    for (int i = 0; i < words.size; i++) {
      boolean dropped = use == Use.DROPPED && words.matches[i];
      if (!dropped && words.starts[i] < words.ends[i]) {
        sink.word(words.starts[i], words.ends[i]);
      }
    }
  }

  /// The matches and what lies between them, in order.
  private Spans matches(String text, int start, int end) {
    Spans spans = new Spans();
    finder.find(
        text,
        start,
        end,
        (from, to) -> {
          int previous = spans.size == 0 ? start : spans.ends[spans.size - 1];
          if (previous < from) {
            spans.add(previous, from, invert);
          }
          spans.add(from, to, !invert);
        });
    int previous = spans.size == 0 ? start : spans.ends[spans.size - 1];
    if (previous < end) {
      spans.add(previous, end, invert);
    }
    return spans;
  }

  private static void find(Pattern pattern, String text, int start, int end, Sink sink) {
    Matcher matcher = pattern.matcher(text).region(start, end);
    int previous = start;
    try {
      while (matcher.find()) {
        if (matcher.start() == matcher.end()
            && (matcher.start() == previous && previous > start
                || insidePair(text, matcher.start(), start))) {
          // The JDK takes empty matches right after a match and inside a surrogate pair; the
          // reference does not.
          continue;
        }
        sink.word(matcher.start(), matcher.end());
        previous = matcher.end();
      }
    } catch (StackOverflowError _) {
      throw new IllegalArgumentException(
          "cutting a text into words: the JDK's regular expressions need more stack than there is"
              + " for "
              + pattern.pattern()
              + " on a text of "
              + (end - start)
              + " characters; use a pattern without groups that repeat, or a thread with more"
              + " stack");
    }
  }

  private static boolean insidePair(String text, int i, int start) {
    return i > start && i < text.length() && Character.isLowSurrogate(text.charAt(i));
  }

  private Spans joinedForward(Spans spans) {
    Spans joined = new Spans();
    boolean previous = false;
    for (int i = 0; i < spans.size; i++) {
      boolean match = spans.matches[i];
      boolean joins = use == Use.TOGETHER ? match == previous : match && !previous;
      if (joins && joined.size > 0) {
        joined.ends[joined.size - 1] = spans.ends[i];
      } else {
        joined.add(spans.starts[i], spans.ends[i], false);
      }
      previous = match;
    }
    return joined;
  }

  private static Spans joinedBackward(Spans spans) {
    Spans joined = new Spans();
    boolean previous = false;
    for (int i = spans.size - 1; i >= 0; i--) {
      boolean match = spans.matches[i];
      if (match && !previous && joined.size > 0) {
        joined.starts[joined.size - 1] = spans.starts[i];
      } else {
        joined.add(spans.starts[i], spans.ends[i], false);
      }
      previous = match;
    }
    joined.reverse();
    return joined;
  }

  private static final class Spans {
    private int[] starts = new int[16];
    private int[] ends = new int[16];
    private boolean[] matches = new boolean[16];
    private int size;

    void add(int start, int end, boolean match) {
      if (size == starts.length) {
        starts = Arrays.copyOf(starts, 2 * size);
        ends = Arrays.copyOf(ends, 2 * size);
        matches = Arrays.copyOf(matches, 2 * size);
      }
      starts[size] = start;
      ends[size] = end;
      matches[size++] = match;
    }

    void reverse() {
      for (int i = 0, j = size - 1; i < j; i++, j--) {
        int start = starts[i];
        int end = ends[i];
        starts[i] = starts[j];
        ends[i] = ends[j];
        starts[j] = start;
        ends[j] = end;
      }
    }
  }
}
