package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.primitive.PairIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the merges of byte-pair encoding in counted words as Hugging Face's `BpeTrainer` does.
///
/// The most frequent pair is merged in all words, again and again; among equals the pair with the
/// lower left id, then the lower right id. Overlapping pairs all count ("aaa" has two). Each
/// candidate knows the words that it may stand in, and its count is brought up to date only when
/// it comes up.
final class MergeSearch {

  /// A pair, the count it had when it was queued, and the words where it came up in that round.
  private static final class Candidate {
    private final int pair;
    private final int left;
    private final int right;
    private long count;
    private int[] words = new int[2];
    private int size;

    Candidate(int pair, int left, int right) {
      this.pair = pair;
      this.left = left;
      this.right = right;
    }

    void add(int word) {
      if (size > 0 && words[size - 1] == word) {
        return;
      }
      if (size == words.length) {
        words = Arrays.copyOf(words, 2 * size);
      }
      words[size++] = word;
    }
  }

  private static final Comparator<Candidate> BEST_FIRST =
      Comparator.comparingLong((Candidate c) -> -c.count)
          .thenComparingInt(c -> c.left)
          .thenComparingInt(c -> c.right);

  private final int maxLength;
  private final Set<String> reserved;

  private final List<String> tokens;
  private final Map<String, Integer> ids = new HashMap<>();
  private final List<int[]> merges = new ArrayList<>();

  private final int[][] words;
  private final int[] lengths;
  private final long[] counts;

  private final PairIndex pairs = new PairIndex();
  private long[] pairCounts = new long[1024];

  /// The candidate that is being put together in this round, by pair.
  private @Nullable Candidate[] open = new @Nullable Candidate[1024];

  private final List<Candidate> opened = new ArrayList<>();
  private final PriorityQueue<Candidate> queue = new PriorityQueue<>(1024, BEST_FIRST);

  /// Takes the tokens that are there from the start, the words as ids of them with their counts,
  /// the length that new tokens stay below, and what no merge may spell.
  MergeSearch(
      List<String> tokens,
      int[][] words,
      long[] counts,
      int maxLength,
      Collection<String> reserved) {
    this.tokens = new ArrayList<>(tokens);
    this.words = words;
    this.counts = counts;
    this.maxLength = maxLength;
    this.reserved = new HashSet<>(reserved);
    this.lengths = Arrays.stream(words).mapToInt(word -> word.length).toArray();
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
  }

  void run(int vocabularySize, int minFrequency) {
    for (int w = 0; w < words.length; w++) {
      for (int i = 0; i + 1 < words[w].length; i++) {
        change(words[w][i], words[w][i + 1], counts[w]);
        appears(words[w][i], words[w][i + 1], w);
      }
    }
    enqueue();
    while (tokens.size() < vocabularySize && !queue.isEmpty()) {
      Candidate top = queue.poll();
      long now = pairCounts[top.pair];
      if (top.count != now) {
        top.count = now;
        queue.add(top);
        continue;
      }
      if (now < 1 || now < minFrequency) {
        return;
      }
      String text = tokens.get(top.left) + tokens.get(top.right);
      if (!reserved.contains(text)) {
        apply(top, text);
      }
    }
  }

  private void apply(Candidate top, String text) {
    Integer known = ids.get(text);
    int id = known == null ? tokens.size() : known;
    if (known == null) {
      tokens.add(text);
      ids.put(text, id);
    }
    merges.add(new int[] {top.left, top.right, id});
    for (int i = 0; i < top.size; i++) {
      merge(top.words[i], top.left, top.right, id);
    }
    enqueue();
  }

  /// Merges a pair in one word from left to right and keeps count of what its neighbours lose and
  /// gain.
  private void merge(int w, int left, int right, int merged) {
    int[] word = words[w];
    int length = lengths[w];
    long count = counts[w];
    int to = 0;
    for (int from = 0; from < length; to++) {
      if (word[from] != left || from + 1 == length || word[from + 1] != right) {
        word[to] = word[from++];
        continue;
      }
      if (to > 0) {
        change(word[to - 1], left, -count);
        gain(word[to - 1], merged, w);
      }
      if (from + 2 < length) {
        change(right, word[from + 2], -count);
        gain(merged, word[from + 2], w);
      }
      word[to] = merged;
      from += 2;
    }
    lengths[w] = to;
  }

  private void gain(int left, int right, int w) {
    if (tokens.get(left).length() + tokens.get(right).length() < maxLength) {
      change(left, right, counts[w]);
      appears(left, right, w);
    }
  }

  private void change(int left, int right, long by) {
    int pair = pairs.index(left, right);
    if (pair >= pairCounts.length) {
      pairCounts = Arrays.copyOf(pairCounts, 2 * pair);
      open = Arrays.copyOf(open, 2 * pair);
    }
    pairCounts[pair] += by;
  }

  private void appears(int left, int right, int w) {
    int pair = pairs.index(left, right);
    Candidate candidate = open[pair];
    if (candidate == null) {
      candidate = new Candidate(pair, left, right);
      open[pair] = candidate;
      opened.add(candidate);
    }
    candidate.add(w);
  }

  private void enqueue() {
    for (Candidate candidate : opened) {
      open[candidate.pair] = null;
      candidate.count = pairCounts[candidate.pair];
      if (candidate.count > 0) {
        queue.add(candidate);
      }
    }
    opened.clear();
  }

  List<String> tokens() {
    return tokens;
  }

  /// The merges, three ids each, best first. Where one pair was merged twice only the last time
  /// counts, as in the reference, which keeps them by pair.
  int[] merges() {
    List<int[]> kept = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    for (int[] merge : merges.reversed()) {
      if (seen.add((long) merge[0] << 32 | merge[1])) {
        kept.add(merge);
      }
    }
    return kept.reversed().stream().flatMapToInt(Arrays::stream).toArray();
  }
}
