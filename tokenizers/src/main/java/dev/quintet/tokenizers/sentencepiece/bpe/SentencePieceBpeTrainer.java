package dev.quintet.tokenizers.sentencepiece.bpe;

import dev.quintet.tokenizers.primitive.PairIndex;
import dev.quintet.tokenizers.sentencepiece.train.Piece;
import dev.quintet.tokenizers.sentencepiece.train.PieceRules;
import dev.quintet.tokenizers.sentencepiece.train.WellFormed;
import dev.quintet.tokenizers.sentencepiece.train.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Finds the pieces of a SentencePiece BPE model as sentencepiece 0.2.2 does.
///
/// The most frequent pair of neighbours becomes a piece and is merged everywhere, again and again;
/// among equals the shorter one, then the lower in code points. A symbol is the pair that it was
/// made of: a second pair with the text of a piece is dropped and never merged.
public final class SentencePieceBpeTrainer {

  /// The reference packs places in words into 16 bits.
  private static final int MAX_WORD = 65_535;

  private static final int NONE = -1;

  private final PieceRules rules;
  private final Words words;

  /// By place in all words: the symbol that begins there, or [#NONE]; the places of its neighbours in
  /// the word, or [#NONE]; the word.
  private final int[] symbols;

  private final int[] next;
  private final int[] previous;
  private final int[] wordOf;

  /// By symbol: its text in `letters`.
  private int symbolCount;

  private int[] symbolStarts = new int[1024];
  private int[] symbolEnds = new int[1024];

  /// By pair of symbols: the two, the text that they make, how often they stand together, with which
  /// count they are queued, and where they stand or stood, in rising order.
  private final PairIndex index = new PairIndex();

  private int pairCount;
  private int[] lefts = new int[4096];
  private int[] rights = new int[4096];
  private int[] starts = new int[4096];
  private int[] ends = new int[4096];
  private long[] counts = new long[4096];
  private long[] queued = new long[4096];
  private int[][] places = new int[4096][];
  private int[] placeCounts = new int[4096];

  /// The texts of symbols and pairs, as code points. A pair that may not be a piece has none.
  private int[] letters = new int[1 << 14];

  private int lettersSize;

  private static final int[] NO_PLACES = new int[0];
  private static final int[] FORBIDDEN = new int[0];

  /// Pairs that came up in this round.
  private int[] touched = new int[256];

  private int touchedCount;

  /// A binary heap of pairs, the best first.
  private int[] heap = new int[4096];

  private int heapSize;

  private SentencePieceBpeTrainer(Words words, PieceRules rules) {
    this.rules = rules;
    this.words = words;
    int total = 0;
    for (int w = 0; w < words.size(); w++) {
      int length = WellFormed.count(words.bytes(), words.start(w), words.end(w));
      if (length > MAX_WORD) {
        throw new IllegalArgumentException(
            "SentencePiece training: expected words of at most "
                + MAX_WORD
                + " characters, got one of "
                + length);
      }
      total = Math.addExact(total, length);
    }
    this.symbols = new int[total];
    this.next = new int[total];
    this.previous = new int[total];
    this.wordOf = new int[total];
    int[] chars = new int[Character.MAX_CODE_POINT + 1];
    byte[] bytes = words.bytes();
    int place = 0;
    for (int w = 0; w < words.size(); w++) {
      int first = place;
      for (int i = words.start(w); i < words.end(w); i += WellFormed.length(bytes[i])) {
        int c = WellFormed.codePoint(bytes, i);
        if (chars[c] == 0) {
          ensureLetters(1);
          letters[lettersSize++] = c;
          chars[c] = symbol(lettersSize - 1, lettersSize) + 1;
        }
        symbols[place] = chars[c] - 1;
        wordOf[place] = w;
        previous[place] = place == first ? NONE : place - 1;
        next[place] = place + 1;
        place++;
      }
      if (place > first) {
        next[place - 1] = NONE;
      }
    }
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

  private int symbol(int start, int end) {
    if (symbolCount == symbolStarts.length) {
      symbolStarts = Arrays.copyOf(symbolStarts, 2 * symbolCount);
      symbolEnds = Arrays.copyOf(symbolEnds, 2 * symbolCount);
    }
    symbolStarts[symbolCount] = start;
    symbolEnds[symbolCount] = end;
    return symbolCount++;
  }

  private void ensureLetters(int more) {
    if (letters.length - lettersSize < more) {
      letters = Arrays.copyOf(letters, Math.addExact(lettersSize, Math.max(lettersSize, more)));
    }
  }

  private List<Piece> run(int wanted) {
    for (int place = 0; place < symbols.length; place++) {
      if (next[place] != NONE) {
        appears(place, next[place], words.count(wordOf[place]));
      }
    }
    enqueue();
    List<Piece> found = new ArrayList<>();
    Set<String> texts = new HashSet<>();
    while (found.size() < wanted && heapSize > 0) {
      int best = heap[0];
      if (queued[best] != counts[best]) {
        queued[best] = counts[best];
        siftDown(best);
        continue;
      }
      int last = heap[--heapSize];
      if (heapSize > 0) {
        siftDown(last);
      }
      String text = new String(letters, starts[best], ends[best] - starts[best]);
      if (texts.add(text)) {
        found.add(new Piece(text, -(float) found.size()));
        merge(best);
        enqueue();
      }
    }
    return found;
  }

  private void merge(int pair) {
    int left = lefts[pair];
    int right = rights[pair];
    int merged = symbol(starts[pair], ends[pair]);
    int[] where = places[pair];
    for (int k = 0; k < placeCounts[pair]; k++) {
      int place = where[k];
      int other = next[place];
      if (symbols[place] != left || other == NONE || symbols[other] != right) {
        continue;
      }
      long count = words.count(wordOf[place]);
      int before = previous[place];
      int after = next[other];
      if (before != NONE) {
        disappears(symbols[before], left, count);
      }
      if (after != NONE) {
        disappears(right, symbols[after], count);
      }
      symbols[place] = merged;
      symbols[other] = NONE;
      next[place] = after;
      if (before != NONE) {
        appears(before, place, count);
      }
      if (after != NONE) {
        previous[after] = place;
        appears(place, after, count);
      }
    }
    places[pair] = NO_PLACES;
    placeCounts[pair] = 0;
  }

  private void disappears(int left, int right, long count) {
    counts[index.index(left, right)] -= count;
  }

  private void appears(int place, int other, long count) {
    int left = symbols[place];
    int right = symbols[other];
    int pair = index.index(left, right);
    if (pair == pairCount) {
      add(left, right);
    }
    int[] where = places[pair];
    if (where == FORBIDDEN) {
      return;
    }
    counts[pair] += count;
    int size = placeCounts[pair];
    if (size == where.length) {
      where = Arrays.copyOf(where, Math.max(2, 2 * size));
      places[pair] = where;
    }
    where[size] = place;
    placeCounts[pair] = size + 1;
  }

  private void add(int left, int right) {
    if (pairCount == lefts.length) {
      int capacity = 2 * pairCount;
      lefts = Arrays.copyOf(lefts, capacity);
      rights = Arrays.copyOf(rights, capacity);
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
      counts = Arrays.copyOf(counts, capacity);
      queued = Arrays.copyOf(queued, capacity);
      places = Arrays.copyOf(places, capacity);
      placeCounts = Arrays.copyOf(placeCounts, capacity);
    }
    int leftLength = symbolEnds[left] - symbolStarts[left];
    int rightLength = symbolEnds[right] - symbolStarts[right];
    ensureLetters(leftLength + rightLength);
    int start = lettersSize;
    int end = start + leftLength + rightLength;
    System.arraycopy(letters, symbolStarts[left], letters, start, leftLength);
    System.arraycopy(letters, symbolStarts[right], letters, start + leftLength, rightLength);
    lefts[pairCount] = left;
    rights[pairCount] = right;
    if (rules.allow(letters, start, end)) {
      starts[pairCount] = start;
      ends[pairCount] = end;
      lettersSize = end;
      places[pairCount] = NO_PLACES;
      if (touchedCount == touched.length) {
        touched = Arrays.copyOf(touched, 2 * touchedCount);
      }
      touched[touchedCount++] = pairCount;
    } else {
      places[pairCount] = FORBIDDEN;
    }
    pairCount++;
  }

  /// A pair is queued in the round in which it first comes up; from then on its count only falls,
  /// which is looked at when it comes to the front. Those that are nowhere left count 0 and still
  /// become pieces when nothing else is there, as in the reference.
  private void enqueue() {
    for (int i = 0; i < touchedCount; i++) {
      int pair = touched[i];
      queued[pair] = counts[pair];
      if (heapSize == heap.length) {
        heap = Arrays.copyOf(heap, 2 * heapSize);
      }
      int at = heapSize++;
      while (at > 0 && before(pair, heap[(at - 1) >> 1])) {
        heap[at] = heap[(at - 1) >> 1];
        at = (at - 1) >> 1;
      }
      heap[at] = pair;
    }
    touchedCount = 0;
  }

  /// Puts a pair in the place of the first.
  private void siftDown(int pair) {
    int at = 0;
    while (2 * at + 1 < heapSize) {
      int child = 2 * at + 1;
      if (child + 1 < heapSize && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], pair)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = pair;
  }

  private boolean before(int a, int b) {
    if (queued[a] != queued[b]) {
      return queued[a] > queued[b];
    }
    int lengthA = ends[a] - starts[a];
    int lengthB = ends[b] - starts[b];
    if (lengthA != lengthB) {
      return lengthA < lengthB;
    }
    for (int i = 0; i < lengthA; i++) {
      int letterA = letters[starts[a] + i];
      int letterB = letters[starts[b] + i];
      if (letterA != letterB) {
        return letterA < letterB;
      }
    }
    return a < b;
  }
}
