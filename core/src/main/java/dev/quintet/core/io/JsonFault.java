package dev.quintet.core.io;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is wrong with a JSON text, in a user's words.
///
/// The parser (Jackson) adds advice about its own settings, which users of this library cannot change, and places that
/// whoever reads a file knows better.
final class JsonFault {
  private static final Pattern DUPLICATE =
      Pattern.compile("Duplicate Object property (\".*\")", Pattern.DOTALL);
  private static final Pattern UNKNOWN = Pattern.compile("(?s)Unrecognized token ('.*?').*");
  private static final Pattern NON_STANDARD = Pattern.compile("(?s)Non-standard token ('.*?').*");
  private static final Pattern LIMIT =
      Pattern.compile("(?s)(.*) exceeds the maximum allowed \\(([0-9]+)[^)]*\\).*");
  private static final Pattern RANGE =
      Pattern.compile("(?s)Numeric value \\((.*?)\\) out of range.*");
  private static final Pattern CONTROL =
      Pattern.compile("(?s)Illegal unquoted character \\(\\(CTRL-CHAR, code ([0-9]+)\\)\\).*");

  /// What [#plain] says of a text that is not whole.
  static final String TOO_EARLY = "it ends too early";

  private JsonFault() {}

  /// A parser's message without its inner words.
  static String plain(String message) {
    if (message.startsWith("Unexpected end-of-input") || message.startsWith("Unexpected end of")) {
      return TOO_EARLY;
    }
    Matcher duplicate = DUPLICATE.matcher(message);
    if (duplicate.find()) {
      return "the key " + duplicate.group(1) + " is there twice";
    }
    Matcher unknown = UNKNOWN.matcher(message);
    if (unknown.matches()) {
      return unknown.group(1) + " is no value of JSON";
    }
    Matcher other = NON_STANDARD.matcher(message);
    if (other.matches()) {
      return other.group(1) + " is no number of JSON";
    }
    Matcher control = CONTROL.matcher(message);
    if (control.matches()) {
      return "the control character " + control.group(1) + " stands in a string without its escape";
    }
    Matcher range = RANGE.matcher(message);
    if (range.matches()) {
      return "the number " + range.group(1) + " is too large";
    }
    Matcher limit = LIMIT.matcher(message);
    if (limit.matches()) {
      return limit.group(1) + " is over the limit of " + limit.group(2);
    }
    return message
        .replaceAll(
            "(?s) ?\\((code|start marker|not recognized|JSON String|from|enable)[^()]*(\\([^()]*\\)[^()]*)*\\)",
            "")
        .replaceAll(
            "(?s)[:,;]? ?(maybe a \\(non-standard\\) comment\\?|(for|as)? ?enable `|`?JsonReadFeature|`?StreamRead).*",
            "")
        .strip();
  }
}
