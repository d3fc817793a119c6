package dev.quintet.core.nn;

import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A pattern over the dotted names of parameters.
///
/// Either a glob, in which `*` stands for any characters, dots too, and `?` for one; or a range of layers
/// such as `encoder.0-3` or `decoder.7`: what lies in the blocks of these numbers, both ends included, of
/// the list right below the path (`encoder.block.0.…` to `encoder.block.3.…`).
public final class NamePattern {
  private static final Pattern RANGE = Pattern.compile("([^*?]+)\\.(\\d{1,6})(?:-(\\d{1,6}))?");

  private final String text;
  private final Pattern compiled;
  private final int first;
  private final int last;

  private NamePattern(String text, Pattern compiled, int first, int last) {
    this.text = text;
    this.compiled = compiled;
    this.first = first;
    this.last = last;
  }

  /// Reads a pattern.
  ///
  /// @throws IllegalArgumentException if it is empty or a range runs backwards
  public static NamePattern of(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("a pattern of parameter names may not be empty");
    }
    Matcher range = RANGE.matcher(text);
    if (range.matches()) {
      int first = Integer.parseInt(range.group(2));
      int last = range.group(3) == null ? first : Integer.parseInt(range.group(3));
      if (last < first) {
        throw new IllegalArgumentException(
            "the range of layers '"
                + text
                + "' runs backwards: write "
                + range.group(1)
                + "."
                + last
                + "-"
                + first);
      }
      String block = Pattern.quote(range.group(1)) + "\\.[^.]*[^.0-9][^.]*\\.(\\d{1,6})\\..*";
      return new NamePattern(text, Pattern.compile(block), first, last);
    }
    var glob = new StringBuilder();
    for (char c : text.toCharArray()) {
      glob.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return new NamePattern(text, Pattern.compile(glob.toString(), Pattern.DOTALL), 0, -1);
  }

  /// Whether a name is meant.
  public boolean matches(String name) {
    Matcher matcher = compiled.matcher(name);
    if (!matcher.matches()) {
      return false;
    }
    if (!isRange()) {
      return true;
    }
    int block = Integer.parseInt(matcher.group(1));
    return block >= first && block <= last;
  }

  /// Whether this is a range of layers.
  public boolean isRange() {
    return last >= first;
  }

  /// Checks that every layer of a range is among the names that matched.
  void checkComplete(List<String> matched) {
    if (!isRange() || matched.isEmpty()) {
      return;
    }
    var blocks = new TreeSet<Integer>();
    for (String name : matched) {
      Matcher matcher = compiled.matcher(name);
      if (matcher.matches()) {
        blocks.add(Integer.parseInt(matcher.group(1)));
      }
    }
    if (blocks.size() != last - first + 1) {
      throw new IllegalArgumentException(
          "the range of layers '" + text + "' goes past the model: it has only " + blocks);
    }
  }

  /// The pattern as it was written.
  @Override
  public String toString() {
    return text;
  }
}
