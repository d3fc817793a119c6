package dev.quintet.tokenizers.sentencepiece.unigram;

import dev.quintet.tokenizers.primitive.IntOrder;
import dev.quintet.tokenizers.sentencepiece.train.PieceRules;
import dev.quintet.tokenizers.sentencepiece.train.PreparedCorpus;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import dev.quintet.tokenizers.sentencepiece.train.WellFormed;
import dev.quintet.tokenizers.sentencepiece.train.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The pieces that unigram training begins with: every character, and what occurs twice or more,
/// by how much text it covers.
///
/// The reference sorts the suffixes of the whole text, takes the inner nodes of the suffix tree, and
/// cuts each into words. A word or part of one gets the most from the node that it begins, and there
/// is one such node where what follows it differs, or is always a cut. So it is enough to sort the
/// suffixes of the different words, each word with its count.
final class SeedPieces {

  /// A piece with its score.
  record Seed(String text, long score) {}

  private final Words words;
  private final PieceRules rules;
  private final int maxLength;
  private final int limit;

  /// The words' letters as code points, each word ended by 0.
  private final int[] text;

  /// For each place how many letters stand up to the word's end, and which word it is.
  private final int[] rest;

  private final int[] wordOf;

  /// The pieces found: where each stands in the text, its length, its score, and its rank in the
  /// order of suffixes, which among strings of one length is the order of their bytes.
  private int found;

  private int[] places = new int[1024];
  private int[] lengths = new int[1024];
  private int[] byteLengths = new int[1024];
  private int[] ranks = new int[1024];
  private long[] scores = new long[1024];

  private SeedPieces(Words words, SentencePieceOptions options, PieceRules rules) {
    this.words = words;
    this.rules = rules;
    this.maxLength = options.number("max_sentencepiece_length");
    this.limit = options.number("seed_sentencepiece_size");
    byte[] bytes = words.bytes();
    long letters = words.size();
    for (int i = 0, end = words.size() == 0 ? 0 : words.end(words.size() - 1); i < end; i++) {
      letters += (bytes[i] & 0xC0) == 0x80 ? 0 : 1;
    }
    if (letters > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "SentencePiece training: the different words have more than 2^31 letters;"
              + " input_sentence_size takes a sample of the lines");
    }
    this.text = new int[(int) letters];
    this.rest = new int[text.length];
    this.wordOf = new int[text.length];
    int at = 0;
    for (int w = 0; w < words.size(); w++) {
      int start = at;
      for (int i = words.start(w); i < words.end(w); i += WellFormed.length(bytes[i])) {
        wordOf[at] = w;
        text[at++] = WellFormed.codePoint(bytes, i);
      }
      for (int i = start; i < at; i++) {
        rest[i] = at - i;
      }
      at++;
    }
  }

  static List<Seed> of(PreparedCorpus corpus, SentencePieceOptions options, PieceRules rules) {
    List<Seed> seeds = characters(corpus.sentences(), options);
    String file = options.text("seed_sentencepieces_file");
    if (!file.isEmpty()) {
      return SeedFile.best(Path.of(file), seeds, rules, options.number("seed_sentencepiece_size"));
    }
    SeedPieces pieces = new SeedPieces(corpus.parts(), options, rules);
    pieces.find();
    TextEnd.of(corpus, options).ifPresent(pieces::correct);
    // The limit is for these alone; the characters come on top.
    pieces.take(seeds);
    return seeds;
  }

  /// Every character of the sentences with its count, most frequent first.
  static List<Seed> characters(
      List<PreparedCorpus.Sentence> sentences, SentencePieceOptions options) {
    long[] counts = new long[Character.MAX_CODE_POINT + 1];
    boolean delimited = !options.text("pretokenization_delimiter").isEmpty();
    for (PreparedCorpus.Sentence sentence : sentences) {
      byte[] text =
          delimited ? PreparedCorpus.withoutDelimiter(sentence.text(), options) : sentence.text();
      for (int i = 0; i < text.length; i += WellFormed.length(text[i])) {
        counts[WellFormed.codePoint(text, i)] += sentence.count();
      }
    }
    counts[PieceRules.UNKNOWN] = 0;
    counts[0] = 0;
    int[] order = new int[counts.length];
    int size = 0;
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] > 0) {
        order[size++] = c;
      }
    }
    order = Arrays.copyOf(order, size);
    IntOrder.sort(order, (a, b) -> Long.compare(counts[b], counts[a]));
    List<Seed> seeds = new ArrayList<>();
    for (int c : order) {
      seeds.add(new Seed(Character.toString(c), counts[c]));
    }
    return seeds;
  }

  /// Visits the inner nodes of the suffix tree of the words: stretches of suffixes in order that
  /// have a prefix in common which is longer than what they share with their neighbours; and the
  /// ends of words that nothing else continues.
  private void find() {
    if (text.length < 2) {
      return;
    }
    int[] letters = letters();
    int[] order = SuffixArray.of(letters, Arrays.stream(letters).max().orElse(0) + 1);
    int[] common = SuffixArray.commonPrefixes(text, order);
    int n = order.length;
    long[] weights = new long[n + 1];
    for (int i = 0; i < n; i++) {
      weights[i + 1] = weights[i] + (rest[order[i]] == 0 ? 0 : words.count(wordOf[order[i]]));
      // What follows a word's end does not count.
      common[i] = Math.min(common[i], rest[order[i]]);
    }
    int[] begins = new int[64];
    int[] depths = new int[64];
    int open = 0;
    for (int i = 1; i <= n; i++) {
      int depth = i < n ? common[i] : 0;
      int last = order[i - 1];
      if (rest[last] > Math.max(depth, common[i - 1]) && weights[i] - weights[i - 1] >= 2) {
        add(last, rest[last], weights[i] - weights[i - 1], i - 1);
      }
      int begin = i - 1;
      while (open > 0 && depths[open - 1] > depth) {
        open--;
        begin = begins[open];
        add(order[begin], depths[open], weights[i] - weights[begin], begin);
      }
      if (depth > 0 && (open == 0 || depths[open - 1] < depth)) {
        if (open == begins.length) {
          begins = Arrays.copyOf(begins, 2 * open);
          depths = Arrays.copyOf(depths, 2 * open);
        }
        begins[open] = begin;
        depths[open++] = depth;
      }
    }
  }

  /// The text in numbers from 0 without gaps, in the same order.
  private int[] letters() {
    int[] numbers = new int[Character.MAX_CODE_POINT + 1];
    for (int c : text) {
      numbers[c] = 1;
    }
    int next = 0;
    for (int c = 0; c < numbers.length; c++) {
      int seen = numbers[c];
      numbers[c] = next;
      next += seen;
    }
    int[] letters = new int[text.length];
    for (int i = 0; i < letters.length; i++) {
      letters[i] = numbers[text[i]];
    }
    return letters;
  }

  private void add(int place, int length, long count, int rank) {
    if (length < 2 || length > maxLength || !rules.allow(text, place, place + length)) {
      return;
    }
    if (found == places.length) {
      int capacity = 2 * found;
      places = Arrays.copyOf(places, capacity);
      lengths = Arrays.copyOf(lengths, capacity);
      byteLengths = Arrays.copyOf(byteLengths, capacity);
      ranks = Arrays.copyOf(ranks, capacity);
      scores = Arrays.copyOf(scores, capacity);
    }
    int bytes = 0;
    for (int i = place; i < place + length; i++) {
      int c = text[i];
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    places[found] = place;
    lengths[found] = length;
    byteLengths[found] = bytes;
    ranks[found] = rank;
    scores[found++] = count * length;
  }

  private void correct(TextEnd end) {
    for (int i = 0; i < found; i++) {
      scores[i] = end.count(text, places[i], lengths[i], scores[i] / lengths[i]) * lengths[i];
    }
  }

  private void take(List<Seed> seeds) {
    int[] order = new int[found];
    int kept = 0;
    for (int i = 0; i < found; i++) {
      if (scores[i] > 0) {
        order[kept++] = i;
      }
    }
    order = Arrays.copyOf(order, kept);
    IntOrder.sort(
        order,
        (a, b) ->
            scores[a] != scores[b]
                ? Long.compare(scores[b], scores[a])
                : byteLengths[a] != byteLengths[b]
                    ? Integer.compare(byteLengths[b], byteLengths[a])
                    : Integer.compare(ranks[a], ranks[b]));
    for (int k = 0; k < Math.min(limit, kept); k++) {
      int i = order[k];
      seeds.add(new Seed(new String(text, places[i], lengths[i]), scores[i]));
    }
  }
}
