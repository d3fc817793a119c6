package dev.quintet.app.demo;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The first sentence of a documentation comment, as plain text.
final class FirstSentence {
  private static final int MOST_CHARACTERS = 4_000; // of a comment that are looked at
  private static final Pattern INLINE =
      Pattern.compile("\\{@(\\w+)(?:\\s+([^{}]*(?:\\{[^{}]*\\}[^{}]*)*))?\\}");
  private static final Pattern MARKUP = Pattern.compile("</?[a-zA-Z][^<>]*>");
  private static final Pattern BLOCK_TAG = Pattern.compile("(?m)^\\s*@\\w+");
  private static final Pattern END =
      Pattern.compile("[.!?](?=\\s)(?<!\\b(?:e\\.g|i\\.e|vs|etc)\\.)");

  private FirstSentence() {}

  /// The sentence, in one line; empty where there is none, or where it is inherited.
  ///
  /// @param comment without its stars, as javac keeps it
  static String of(String comment) {
    if (comment.isBlank() || comment.contains("{@inheritDoc")) {
      return "";
    }
    String text = comment.substring(0, Math.min(comment.length(), MOST_CHARACTERS));
    Matcher tag = BLOCK_TAG.matcher(text);
    text = tag.find() ? text.substring(0, tag.start()) : text;
    text =
        INLINE
            .matcher(text)
            .replaceAll(found -> Matcher.quoteReplacement(shown(found.group(1), found.group(2))));
    text =
        MARKUP
            .matcher(text)
            .replaceAll("")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&nbsp;", " ")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .strip();
    Matcher end = END.matcher(text);
    text = end.find() ? text.substring(0, end.end()) : text;
    return String.join(" ", text.split("\\s+"));
  }

  /// What a reader sees of an inline tag: the label of a link, or the name that it links to.
  private static String shown(String tag, String inside) {
    if (inside == null) {
      return "";
    }
    if (!tag.startsWith("link")) {
      return inside.equals("value") ? "" : inside;
    }
    int label = inside.indexOf(' ', inside.indexOf(')') + 1);
    return label > 0 ? inside.substring(label + 1) : inside.substring(inside.indexOf('#') + 1);
  }
}
