package dev.quintet.trainer.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Parts a line into sentences by few rules; not equal to NLTK's trained splitter.
public final class Sentences {
  private static final String ENDS = ".!?\u2026";
  private static final String CLOSERS = "\"')]}\u201d\u2019\u00bb";
  private static final Set<String> ABBREVIATIONS =
      Set.of(
          "mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "e.g", "i.e", "no", "fig", "jr", "sr",
          "inc", "ltd", "co", "cf", "al", "approx");

  private Sentences() {}

  /// The sentences of a line, white space at their ends stripped; none is empty.
  public static List<String> of(String line) {
    var sentences = new ArrayList<String>();
    int start = 0;
    for (int i = 0; i < line.length(); i++) {
      if (ENDS.indexOf(line.charAt(i)) >= 0) {
        int end = i + 1;
        while (end < line.length() && (ENDS + CLOSERS).indexOf(line.charAt(end)) >= 0) {
          end++;
        }
        if (isEnd(line, start, i, end)) {
          add(line.substring(start, end), sentences);
          start = end;
        }
        i = end - 1;
      }
    }
    add(line.substring(start), sentences);
    return sentences;
  }

  private static boolean isEnd(String line, int start, int sign, int end) {
    if (end == line.length() || !PythonText.isSpace(line.charAt(end))) {
      return false;
    }
    int next = end;
    while (next < line.length() && PythonText.isSpace(line.charAt(next))) {
      next++;
    }
    // A small letter goes on: "approx. ten".
    boolean goesOn = next < line.length() && Character.isLowerCase(line.codePointAt(next));
    return !goesOn && !(line.charAt(sign) == '.' && isShortened(line.substring(start, sign)));
  }

  /// Whether a sentence so far ends in an initial or a known abbreviation.
  private static boolean isShortened(String before) {
    int at = before.length();
    while (at > 0 && !PythonText.isSpace(before.charAt(at - 1))) {
      at--;
    }
    String word = before.substring(at);
    boolean initial =
        word.length() == 1 && Character.isUpperCase(word.charAt(0)) && !word.equals("I");
    return initial || ABBREVIATIONS.contains(word.toLowerCase(java.util.Locale.ROOT));
  }

  private static void add(String sentence, List<String> to) {
    String stripped = PythonText.strip(sentence);
    if (!stripped.isEmpty()) {
      to.add(stripped);
    }
  }
}
