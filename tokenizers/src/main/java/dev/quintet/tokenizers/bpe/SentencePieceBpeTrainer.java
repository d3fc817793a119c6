package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.train.Piece;
import dev.quintet.tokenizers.train.PieceRules;
import dev.quintet.tokenizers.train.WellFormed;
import dev.quintet.tokenizers.train.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the pieces of a SentencePiece BPE model as sentencepiece 0.2.2 does.
///
/// The most frequent pair of neighbours becomes a piece and is merged everywhere, again and again;
/// among equals the shorter one, then the lower in code points. A symbol is the pair that it was
/// made of: a second pair with the text of a piece is dropped and never merged.
public final class SentencePieceBpeTrainer {

  /// The reference packs places in words into 16 bits.
  private static final int MAX_WORD = 65_535;

  /// What two symbols would make; as a symbol itself once it is merged.
  private static final class Pair {
    private final int left;
    private final int right;
    private final int[] text;
    private long count;
    private long queued;
    private int[] words = new int[2];
    private int size;

    Pair(int left, int right, int[] text) {
      this.left = left;
      this.right = right;
      this.text = text;
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

  private final PieceRules rules;
  private final int[][] words;
  private final int[] lengths;
  private final long[] counts;

  /// The text of each symbol.
  private final List<int[]> symbols = new ArrayList<>();

  private final Map<Integer, Integer> chars = new HashMap<>();
  private final PairIndex index = new PairIndex();

  /// The pair of each number; nothing where its text may not be a piece.
  private final List<@Nullable Pair> pairs = new ArrayList<>();

  private final List<Pair> touched = new ArrayList<>();
  private final PriorityQueue<Pair> queue = new PriorityQueue<>(SentencePieceBpeTrainer::compare);

  private SentencePieceBpeTrainer(Words counted, PieceRules rules) {
    this.rules = rules;
    this.words = new int[counted.size()][];
    this.lengths = new int[words.length];
    this.counts = new long[words.length];
    for (int w = 0; w < words.length; w++) {
      int[] text = WellFormed.codePoints(counted.bytes(), counted.start(w), counted.end(w));
      if (text.length > MAX_WORD) {
        throw new IllegalArgumentException(
            "SentencePiece training: expected words of at most "
                + MAX_WORD
                + " characters, got one of "
                + text.length);
      }
      words[w] = new int[text.length];
      lengths[w] = text.length;
      counts[w] = counted.count(w);
      for (int i = 0; i < text.length; i++) {
        words[w][i] = chars.computeIfAbsent(text[i], this::symbol);
      }
    }
  }

  private int symbol(int codePoint) {
    symbols.add(new int[] {codePoint});
    return symbols.size() - 1;
  }

  /// Finds pieces.
  ///
  /// @param words the words with their counts
  /// @param rules which strings may be pieces
  /// @param wanted how many pieces
  /// @return the pieces in the order in which they were found, with scores counting down from 0;
  ///     fewer where there is nothing more to merge
  public static List<Piece> train(Words words, PieceRules rules, int wanted) {
    return new SentencePieceBpeTrainer(words, rules).run(wanted);
  }

  private static int compare(Pair a, Pair b) {
    if (a.queued != b.queued) {
      return Long.compare(b.queued, a.queued);
    }
    return a.text.length != b.text.length
        ? Integer.compare(a.text.length, b.text.length)
        : Arrays.compare(a.text, b.text);
  }

  private List<Piece> run(int wanted) {
    for (int w = 0; w < words.length; w++) {
      for (int i = 0; i + 1 < lengths[w]; i++) {
        change(words[w][i], words[w][i + 1], w, counts[w]);
      }
    }
    enqueue();
    List<Piece> found = new ArrayList<>();
    Set<String> texts = new HashSet<>();
    while (found.size() < wanted && !queue.isEmpty()) {
      Pair best = queue.poll();
      if (best.queued != best.count) {
        best.queued = best.count;
        queue.add(best);
        continue;
      }
      String text = new String(best.text, 0, best.text.length);
      if (texts.add(text)) {
        found.add(new Piece(text, -(float) found.size()));
        merge(best);
        enqueue();
      }
    }
    return found;
  }

  private void merge(Pair best) {
    int merged = symbols.size();
    symbols.add(best.text);
    for (int k = 0; k < best.size; k++) {
      merge(best.words[k], best.left, best.right, merged);
    }
    best.words = new int[0];
    best.size = 0;
  }

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
        change(word[to - 1], left, w, -count);
        change(word[to - 1], merged, w, count);
      }
      if (from + 2 < length) {
        change(right, word[from + 2], w, -count);
        change(merged, word[from + 2], w, count);
      }
      word[to] = merged;
      from += 2;
    }
    lengths[w] = to;
  }

  private void change(int left, int right, int w, long by) {
    int number = index.index(left, right);
    if (number == pairs.size()) {
      pairs.add(pair(left, right));
    }
    Pair pair = pairs.get(number);
    if (pair != null) {
      pair.count += by;
      if (by > 0) {
        if (pair.queued == 0) {
          pair.queued = -1;
          touched.add(pair);
        }
        pair.add(w);
      }
    }
  }

  private @Nullable Pair pair(int left, int right) {
    int[] a = symbols.get(left);
    int[] b = symbols.get(right);
    int[] text = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, text, a.length, b.length);
    return rules.allow(text, 0, text.length) ? new Pair(left, right, text) : null;
  }

  /// A pair is queued in the round in which it first comes up; from then on its count only falls,
  /// which is looked at when it comes to the front. Those that are nowhere left count 0 and still
  /// become pieces when nothing else is there, as in the reference.
  private void enqueue() {
    for (Pair pair : touched) {
      pair.queued = pair.count;
      queue.add(pair);
    }
    touched.clear();
  }
}
