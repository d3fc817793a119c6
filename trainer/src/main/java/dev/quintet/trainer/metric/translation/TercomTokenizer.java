package dev.quintet.trainer.metric.translation;

import dev.quintet.trainer.metric.PythonText;
import java.util.List;
import java.util.regex.Pattern;

/// Words as Tercom's Normalizer cuts them, by the patterns of sacrebleu 2.6.0.
///
/// @param normalized whether punctuation is parted from words and XML's escapes are read
/// @param withoutPunctuation whether punctuation is left out
/// @param asian whether the same is done to Asian characters and punctuation
/// @param caseSensitive whether case is kept
record TercomTokenizer(
    boolean normalized, boolean withoutPunctuation, boolean asian, boolean caseSensitive) {

  private static final Pattern SIGN = Pattern.compile("([{-~\\[-` -&(-+:-@/])");
  private static final Pattern POINT_AFTER = Pattern.compile("([^0-9])([.,])");
  private static final Pattern POINT_BEFORE = Pattern.compile("([.,])([^0-9])");
  private static final Pattern HYPHEN = Pattern.compile("([0-9])(-)");
  private static final Pattern PUNCTUATION = Pattern.compile("[.,?:;!\"()]");
  private static final Pattern ASIAN_PUNCTUATION =
      Pattern.compile("([\\u3001\\u3002\\u3008-\\u3011\\u3014-\\u301f\\uff61-\\uff65\\u30fb])");
  private static final Pattern FULL_WIDTH_PUNCTUATION =
      Pattern.compile("([\\uff0e\\uff0c\\uff1f\\uff1a\\uff1b\\uff01\\uff02\\uff08\\uff09])");

  /// Characters that become words: ideographs, strokes and radicals, compatibility forms, enclosed letters (sacrebleu's range
  /// ends at U+3F22 where Unicode's block ends at U+32FF). Its three patterns for runs of kana need one at the start of the
  /// text, which begins with a space, and so never match.
  private static final List<Pattern> ASIAN =
      List.of(
          Pattern.compile("([\\u4e00-\\u9fff\\u3400-\\u4dbf])"),
          Pattern.compile("([\\u31c0-\\u31ef\\u2e80-\\u2eff])"),
          Pattern.compile("([\\u3300-\\u33ff\\uf900-\\ufaff\\ufe30-\\ufe4f])"),
          Pattern.compile("([\\u3200-\\u3f22])"),
          ASIAN_PUNCTUATION,
          FULL_WIDTH_PUNCTUATION);

  /// The words of a text.
  List<String> words(String text) {
    String line = PythonText.stripEnd(text);
    if (!caseSensitive) {
      line = PythonText.lower(line);
    }
    if (normalized) {
      line = western(line);
      if (asian) {
        for (Pattern pattern : ASIAN) {
          line = pattern.matcher(line).replaceAll(" $1 ");
        }
      }
    }
    if (withoutPunctuation) {
      line = PUNCTUATION.matcher(line).replaceAll("");
      if (asian) {
        line = ASIAN_PUNCTUATION.matcher(line).replaceAll("");
        line = FULL_WIDTH_PUNCTUATION.matcher(line).replaceAll("");
      }
    }
    return PythonText.split(line);
  }

  private static String western(String text) {
    String line =
        text.replace("\n-", "")
            .replace("\n", " ")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
    line = SIGN.matcher(" " + line + " ").replaceAll(" $1 ");
    line = line.replace("'s ", " 's ");
    line = POINT_AFTER.matcher(line).replaceAll("$1 $2 ");
    line = POINT_BEFORE.matcher(line).replaceAll(" $1 $2");
    return HYPHEN.matcher(line).replaceAll("$1 $2 ");
  }
}
