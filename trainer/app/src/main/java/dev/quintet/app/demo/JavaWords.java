package dev.quintet.app.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Splits Java identifiers into lower-case words and joins words back into an identifier.
///
/// `parseXMLFile2` becomes `parse xml file2`: a word ends before an upper-case letter that follows a
/// lower-case letter or a digit, before the last upper-case letter of an acronym, and at `_` or `$`.
public final class JavaWords {
  private JavaWords() {}

  /// The lower-case words of an identifier, in order; empty for one made of underscores only.
  public static List<String> split(String identifier) {
    var words = new ArrayList<String>(4);
    split(identifier, words);
    return List.copyOf(words);
  }

  static void split(String identifier, List<String> into) {
    int length = identifier.length();
    int start = 0;
    for (int i = 0; i < length; i++) {
      char c = identifier.charAt(i);
      if (c == '_' || c == '$') {
        add(identifier, start, i, into);
        start = i + 1;
      } else if (i > start && Character.isUpperCase(c)) {
        char before = identifier.charAt(i - 1);
        boolean endsAcronym = i + 1 < length && Character.isLowerCase(identifier.charAt(i + 1));
        if (!Character.isUpperCase(before) || endsAcronym) {
          add(identifier, start, i, into);
          start = i;
        }
      }
    }
    add(identifier, start, length, into);
  }

  private static void add(String identifier, int start, int end, List<String> into) {
    if (start < end) {
      into.add(identifier.substring(start, end).toLowerCase(Locale.ROOT));
    }
  }

  /// The camel-case identifier of words: `parse xml` becomes `parseXml`; empty for no words.
  public static String join(List<String> words) {
    var identifier = new StringBuilder();
    for (String word : words) {
      if (identifier.isEmpty() || word.isEmpty()) {
        identifier.append(word);
      } else {
        int first = word.codePointAt(0);
        identifier.appendCodePoint(Character.toUpperCase(first));
        identifier.append(word, Character.charCount(first), word.length());
      }
    }
    return identifier.toString();
  }
}
