package dev.quintet.models.adapt.method;

import java.util.regex.Pattern;

/// Regular expressions out of files, some of which would be matched for years.
public final class Patient {
  private static final int MOST_LOOKS = 1_000_000;

  private Patient() {}

  /// Whether an expression matches the whole of a text.
  ///
  /// @throws AdapterException if that takes more than a million looks at a character
  public static boolean matches(Pattern pattern, String text) {
    try {
      return pattern.matcher(new Counted(text, new int[1])).matches();
    } catch (StackOverflowError e) {
      throw endless(pattern.pattern(), text);
    }
  }

  private static AdapterException endless(String pattern, String text) {
    return new AdapterException(
        "the regular expression '"
            + pattern
            + "' finds no end with "
            + text
            + ": write it without repeats of repeats");
  }

  private record Counted(CharSequence text, int[] looks) implements CharSequence {
    @Override
    public char charAt(int index) {
      if (++looks[0] > MOST_LOOKS) {
        throw new AdapterException(
            "a regular expression finds no end with "
                + text
                + ": write it without repeats of repeats");
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Counted(text.subSequence(start, end), looks);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
