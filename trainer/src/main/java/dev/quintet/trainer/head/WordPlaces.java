package dev.quintet.trainer.head;

import dev.quintet.tokenizers.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where the words of a source, which white space parts, stand among its tokens.
final class WordPlaces {
  private static final Pattern WORD = Pattern.compile("\\S+");

  private WordPlaces() {}

  /// For each word the first token that holds a part of it; -1 where that was cut away.
  ///
  /// @param tokens how many of the encoding's tokens are kept, the end included
  static List<Integer> first(String source, Encoding encoding, int tokens) {
    var places = new ArrayList<Integer>();
    Matcher word = WORD.matcher(source);
    int token = 0;
    // where tokens were cut, the last one kept is the end
    int last = tokens < encoding.size() ? tokens - 1 : tokens;
    while (word.find()) {
      while (token < last && encoding.end(token) <= word.start()) {
        token++;
      }
      places.add(token < last && encoding.start(token) < word.end() ? token : -1);
    }
    return places;
  }
}
