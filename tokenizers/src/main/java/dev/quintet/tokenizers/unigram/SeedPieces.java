package dev.quintet.tokenizers.unigram;

import dev.quintet.tokenizers.train.Corpus;
import dev.quintet.tokenizers.train.PieceRules;
import dev.quintet.tokenizers.train.SentencePieceOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The pieces that unigram training begins with: every character, and what occurs twice or more,
/// by how much text it covers.
final class SeedPieces {

  /// A piece with its score.
  record Seed(String text, long score) {}

  private final List<Corpus.Counted> sentences;
  private final boolean tsv;
  private final SentencePieceOptions options;
  private final PieceRules rules;
  private final int limit;
  private final Map<String, Long> scores = new HashMap<>();

  private SeedPieces(
      List<Corpus.Counted> sentences, SentencePieceOptions options, PieceRules rules) {
    this.sentences = sentences;
    this.tsv = options.text("input_format").equals("tsv");
    this.options = options;
    this.rules = rules;
    this.limit = options.number("seed_sentencepiece_size");
  }

  static List<Seed> of(
      List<Corpus.Counted> sentences, SentencePieceOptions options, PieceRules rules) {
    return new SeedPieces(sentences, options, rules).find();
  }

  /// Order of UTF-8, which is that of code points.
  static int compareText(String a, String b) {
    return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
  }

  private static int utf8Length(String text) {
    return text.codePoints().map(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4).sum();
  }

  private List<Seed> find() {
    Map<Integer, Long> chars = new HashMap<>();
    int size = 0;
    for (Corpus.Counted sentence : sentences) {
      size += (sentence.text().length + 1) * (tsv ? 2 : 1);
      for (int c : sentence.text()) {
        if (c != PieceRules.UNKNOWN && c != 0) {
          chars.merge(c, sentence.count(), Long::sum);
        }
      }
    }
    int[] text = new int[size];
    int at = 0;
    for (Corpus.Counted sentence : sentences) {
      // Sentences with counts of their own stand twice, so that each of their parts counts.
      for (int k = 0; k < (tsv ? 2 : 1); k++) {
        System.arraycopy(sentence.text(), 0, text, at, sentence.text().length);
        at += sentence.text().length + 1;
      }
    }
    List<Seed> seeds = new ArrayList<>();
    chars.forEach((c, count) -> seeds.add(new Seed(Character.toString(c), count)));
    seeds.sort(
        Comparator.comparingLong((Seed s) -> -s.score)
            .thenComparing(Seed::text, SeedPieces::compareText));
    collect(text);
    List<Seed> parts = sorted();
    // The limit is for these alone; the characters come on top.
    seeds.addAll(parts.subList(0, Math.min(limit, parts.size())));
    return seeds;
  }

  private List<Seed> sorted() {
    record Keyed(Seed seed, int bytes, int[] text) {}

    List<Keyed> keyed = new ArrayList<>(scores.size());
    scores.forEach((text, score) ->
        keyed.add(new Keyed(new Seed(text, score), utf8Length(text), text.codePoints().toArray())));
    keyed.sort(
        Comparator.comparingLong((Keyed k) -> -k.seed.score)
            .thenComparingInt(k -> -k.bytes)
            .thenComparing(Keyed::text, Arrays::compare));
    return keyed.stream().map(Keyed::seed).toList();
  }

  /// Visits the inner nodes of the suffix tree: stretches of suffixes in order that have a prefix in
  /// common which is longer than what they share with their neighbours.
  private void collect(int[] text) {
    int[] letters = Arrays.stream(text).sorted().distinct().toArray();
    int[] ranks = new int[text.length];
    for (int i = 0; i < text.length; i++) {
      ranks[i] = Arrays.binarySearch(letters, text[i]);
    }
    int[] order = SuffixArray.of(ranks, letters.length);
    int[] common = SuffixArray.commonPrefixes(ranks, order);
    int[] begins = new int[64];
    int[] depths = new int[64];
    int open = 0;
    for (int i = 1; i <= order.length; i++) {
      int depth = i < order.length ? common[i] : 0;
      int begin = i - 1;
      while (open > 0 && depths[open - 1] > depth) {
        open--;
        begin = begins[open];
        node(text, order[begin], depths[open], i - begin);
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

  private void node(int[] text, int offset, int depth, int count) {
    if (depth <= 1 || offset + depth >= text.length) {
      return;
    }
    int start = offset;
    for (int i = offset; i <= offset + depth; i++) {
      if (i == offset + depth || text[i] == 0) {
        if (i - start >= 2) {
          part(text, start, i, count);
        }
        start = i + 1;
      }
    }
  }

  private void part(int[] text, int start, int end, int count) {
    if (!options.on("split_by_whitespace")) {
      piece(text, start, end, count);
      return;
    }
    boolean suffix = options.on("treat_whitespace_as_suffix");
    boolean spacesTogether = options.on("allow_whitespace_only_pieces");
    int from = start;
    for (int i = start + 1; i <= end; i++) {
      if (i == end || Corpus.cutsBefore(text, i, suffix, spacesTogether)) {
        piece(text, from, i, count);
        from = i;
      }
    }
  }

  private void piece(int[] text, int start, int end, int count) {
    if (end - start >= 2 && rules.allow(text, start, end)) {
      scores.merge(new String(text, start, end - start), (long) count * (end - start), Math::max);
      if (scores.size() > 8L * limit) {
        List<Seed> best = sorted().subList(0, limit);
        scores.clear();
        best.forEach(seed -> scores.put(seed.text, seed.score));
      }
    }
  }
}
