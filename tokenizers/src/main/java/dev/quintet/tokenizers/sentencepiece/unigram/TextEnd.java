package dev.quintet.tokenizers.sentencepiece.unigram;

import dev.quintet.tokenizers.sentencepiece.train.PieceRules;
import dev.quintet.tokenizers.sentencepiece.train.PreparedCorpus;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How the end of the text changes counts of seeds: the reference leaves out a node of its suffix
/// tree whose first suffix ends with the text.
///
/// That concerns a seed which is always followed by what stands between it and the end of the text.
/// Its node is gone, and it gets its count from another that has it in a longer context: with more
/// after it, or with what comes before it where it is a word of its own.
final class TextEnd {

  /// The sentences with a 0 after each, as the reference has them in one array; and after each part
  /// too where a delimiter makes parts.
  private final int[] text;

  private final boolean words;
  private final boolean suffix;
  private final boolean spacesTogether;

  /// For each place how many letters before it are also the last of the text.
  private final int[] alike;

  /// By length: how often the last letters of the text stand in it.
  private final int[] counts;

  /// Where seeds begin that the end of the text follows, by their hash.
  private final Map<Long, List<Integer>> candidates = new HashMap<>();

  private TextEnd(int[] text, SentencePieceOptions options) {
    this.text = text;
    this.words = options.on("split_by_whitespace");
    this.suffix = options.on("treat_whitespace_as_suffix");
    this.spacesTogether = options.on("allow_whitespace_only_pieces");
    this.alike = alike(text);
    int longest = 0;
    for (int at = 0; at < text.length; at++) {
      longest = Math.max(longest, alike[at]);
    }
    this.counts = new int[longest + 2];
    for (int at = 0; at < text.length; at++) {
      counts[alike[at]]++;
    }
    for (int length = longest; length > 0; length--) {
      counts[length - 1] += counts[length];
    }
    int most = options.number("max_sentencepiece_length");
    for (int length = 2; length <= longest; length++) {
      int from = text.length - length;
      int to = from;
      while (to < text.length && text[to] != 0 && (to == from || !cut(to)) && to - from <= most) {
        to++;
      }
      if (to - from >= 2 && to - from <= most) {
        candidates.computeIfAbsent(hash(text, from, to - from), _ -> new ArrayList<>()).add(from);
      }
    }
  }

  /// How many letters before each place are the last of the text (Z algorithm from the end).
  private static int[] alike(int[] text) {
    int n = text.length;
    int[] alike = new int[n + 1];
    // The stretch from `low` to `high` is known to be the same as the text's end.
    int high = n;
    int low = n;
    for (int at = n - 1; at > 0; at--) {
      int known = at > low ? Math.min(alike[n - (high - at)], at - low) : 0;
      while (known < at && text[at - 1 - known] == text[n - 1 - known]) {
        known++;
      }
      alike[at] = known;
      if (at - known < low) {
        low = at - known;
        high = at;
      }
    }
    alike[n] = 0;
    return alike;
  }

  private static long hash(int[] letters, int from, int length) {
    long hash = length;
    for (int i = from; i < from + length; i++) {
      hash = hash * 0x9E3779B97F4A7C15L + letters[i];
    }
    return hash;
  }

  /// Whether a word begins at a place.
  private boolean cut(int at) {
    if (at == 0 || text[at - 1] == 0) {
      return true;
    }
    boolean space = text[at] == PieceRules.SPACE;
    boolean afterSpace = text[at - 1] == PieceRules.SPACE;
    return words
        && (suffix
            ? afterSpace && (!spacesTogether || !space)
            : space && (!spacesTogether || !afterSpace));
  }

  static Optional<TextEnd> of(PreparedCorpus corpus, SentencePieceOptions options) {
    boolean twice = options.text("input_format").equals("tsv");
    boolean delimited = !options.text("pretokenization_delimiter").isEmpty();
    int[] text = new int[1024];
    int size = 0;
    for (PreparedCorpus.Sentence sentence : corpus.sentences()) {
      int begin = size;
      for (int[] part : PreparedCorpus.parts(sentence.text(), options)) {
        text = room(text, size, part.length + 2);
        System.arraycopy(part, 0, text, size, part.length);
        size += part.length + 1;
      }
      size += delimited ? 1 : 0;
      if (twice) {
        int length = size - begin;
        text = room(text, size, length + 2);
        System.arraycopy(text, begin, text, size, length);
        size += length;
      }
    }
    return size < 3
        ? Optional.empty()
        : Optional.of(new TextEnd(Arrays.copyOf(text, size), options));
  }

  private static int[] room(int[] text, int size, int more) {
    return more <= text.length - size
        ? text
        : Arrays.copyOf(text, Math.addExact(size, Math.max(size, more)));
  }

  /// The count of a seed that has another where the text does not end.
  long count(int[] letters, int place, int length, long count) {
    List<Integer> places = candidates.getOrDefault(hash(letters, place, length), List.of());
    for (int from : places) {
      int rest = text.length - from;
      // The end of the text itself is one of them.
      if (count == counts[rest] + 1
          && Arrays.equals(letters, place, place + length, text, from, from + length)) {
        return elsewhere(rest);
      }
    }
    return count;
  }

  /// The most that a longer context gives what begins the last letters of the text.
  private long elsewhere(int length) {
    int end = text.length;
    List<Integer> same = new ArrayList<>();
    for (int at = 0; at < end; at++) {
      if (alike[at] >= length) {
        same.add(at);
      }
    }
    long best = branches(same, 0);
    same.add(end);
    for (int left = 0; same.size() >= 2; left++) {
      Map<Integer, List<Integer>> before = new HashMap<>();
      for (int at : same) {
        int from = at - length - left;
        if (from > 0 && (left > 0 || cut(from))) {
          before.computeIfAbsent(text[from - 1], _ -> new ArrayList<>()).add(at);
        }
      }
      same = List.of();
      for (List<Integer> group : before.values()) {
        if (group.getLast() == end) {
          same = group;
          best = Math.max(best, branches(group.subList(0, group.size() - 1), 0));
        } else {
          best = Math.max(best, node(group, 0));
        }
      }
    }
    return best;
  }

  /// The most of a set of places that agree in the next letter, and of those in what follows.
  private long branches(List<Integer> places, int depth) {
    Map<Integer, List<Integer>> groups = new HashMap<>();
    for (int at : places) {
      groups.computeIfAbsent(text[at + depth], _ -> new ArrayList<>()).add(at);
    }
    long best = 0;
    for (List<Integer> group : groups.values()) {
      best = Math.max(best, node(group, depth));
    }
    return best;
  }

  /// How many places there are, if they go different ways before one of them comes to the text's
  /// end; else the most of those that go on.
  private long node(List<Integer> places, int from) {
    if (places.size() < 2) {
      return 0;
    }
    // Places rise, so the last comes to the end first.
    int first = places.getFirst();
    int last = places.getLast();
    for (int depth = from; ; depth++) {
      if (last + depth == text.length) {
        return branches(places.subList(0, places.size() - 1), depth);
      }
      for (int at : places) {
        if (text[at + depth] != text[first + depth]) {
          return places.size();
        }
      }
    }
  }
}
