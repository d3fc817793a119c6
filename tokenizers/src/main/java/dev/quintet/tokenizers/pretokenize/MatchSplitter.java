package dev.quintet.tokenizers.pretokenize;

import java.util.Arrays;
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

  private final Pattern pattern;
  private final Use use;
  private final boolean invert;

  private MatchSplitter(Pattern pattern, Use use, boolean invert) {
    this.pattern = pattern;
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
    return new MatchSplitter(Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS), use, invert);
  }

  /// Cuts by a string.
  ///
  /// @param literal the string, not empty
  /// @param use what becomes of its occurrences
  /// @param invert whether what lies between the occurrences counts as the match
  /// @return the splitter
  public static MatchSplitter literal(String literal, Use use, boolean invert) {
    return new MatchSplitter(Pattern.compile(literal, Pattern.LITERAL), use, invert);
  }

  /// Cuts numbers (`\p{N}`) off.
  ///
  /// @param individual whether each digit stands alone
  /// @return the splitter
  public static MatchSplitter digits(boolean individual) {
    return regex("\\p{N}", individual ? Use.ALONE : Use.TOGETHER, false);
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
        if (previous < matcher.start()) {
          spans.add(previous, matcher.start(), invert);
        }
        spans.add(matcher.start(), matcher.end(), !invert);
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
    if (previous < end) {
      spans.add(previous, end, invert);
    }
    return spans;
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
