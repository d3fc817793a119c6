package dev.quintet.trainer.metric;

import java.util.Locale;

/// Texts of answers without what does not matter: case, punctuation, articles, white space.
enum SquadText {
  /// Of the evaluation script of SQuAD: punctuation goes.
  SQUAD("", ""),
  /// Of the evaluation script of TriviaQA: punctuation and typographic quotes part words.
  TRIVIA_QA("\u2018\u2019\u00b4`", " ");

  private final String alsoPunctuation;
  private final String forPunctuation;

  SquadText(String alsoPunctuation, String forPunctuation) {
    this.alsoPunctuation = alsoPunctuation;
    this.forPunctuation = forPunctuation;
  }

  /// The words that are left, joined by single spaces.
  String normalized(String text) {
    return String.join(" ", PythonText.split(withoutArticles(withoutPunctuation(text))));
  }

  private String withoutPunctuation(String text) {
    var left = new StringBuilder();
    text.toLowerCase(Locale.ROOT)
        .codePoints()
        .forEach(sign -> {
          if (PythonText.isPunctuation(sign) || alsoPunctuation.indexOf(sign) >= 0) {
            left.append(forPunctuation);
          } else {
            left.appendCodePoint(sign);
          }
        });
    return left.toString();
  }

  /// `re.sub(r"\b(a|an|the)\b", " ", text)`: a space for each run of word signs that is an article.
  private static String withoutArticles(String text) {
    var left = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      int end = i;
      while (end < text.length() && PythonText.isWord(text.codePointAt(end))) {
        end += Character.charCount(text.codePointAt(end));
      }
      if (end == i) {
        left.appendCodePoint(text.codePointAt(i));
        i += Character.charCount(text.codePointAt(i));
      } else {
        String word = text.substring(i, end);
        boolean article = word.equals("a") || word.equals("an") || word.equals("the");
        left.append(article ? " " : word);
        i = end;
      }
    }
    return left.toString();
  }
}
