package dev.quintet.tokenizers.sentencepiece.unigram;

import dev.quintet.tokenizers.sentencepiece.train.WellFormed;
import dev.quintet.tokenizers.text.ByteTrie;
import java.util.Arrays;

/// The lattices of many texts in flat arrays: for each place of each text the pieces that begin
/// there, shortest first, and an unknown character where none is a single character. Found in the
/// trie once; what is dropped later is taken out.
final class Segmentations {

  /// The last piece of its place.
  static final int LAST = 1 << 31;

  /// Takes the mark off.
  static final int ID = ~LAST;

  private final int unknown;

  /// By text: where its nodes begin; and how many characters it has.
  private final int[] starts;

  private final int[] chars;
  private final int texts;

  /// By node: the seed with the mark, and how many characters it takes.
  private int[] ids;

  private short[] lengths;
  private int size;

  /// Texts come one after the other in `bytes`; `unknown` is the number for unknown characters.
  Segmentations(byte[] bytes, int[] bounds, int texts, ByteTrie trie, int unknown) {
    this.unknown = unknown;
    this.texts = texts;
    this.starts = new int[texts + 1];
    this.chars = new int[texts];
    this.ids = new int[Math.max(64, bounds[texts] + bounds[texts] / 2)];
    this.lengths = new short[ids.length];
    for (int t = 0; t < texts; t++) {
      starts[t] = size;
      int end = bounds[t + 1];
      for (int at = bounds[t]; at < end; at += WellFormed.length(bytes[at])) {
        chars[t]++;
        place(bytes, at, end, trie);
      }
    }
    starts[texts] = size;
  }

  private void place(byte[] bytes, int start, int end, ByteTrie trie) {
    int node = ByteTrie.ROOT;
    short length = 0;
    boolean single = false;
    for (int at = start; at < end; ) {
      int after = at + WellFormed.length(bytes[at]);
      while (at < after && node != ByteTrie.NONE) {
        node = trie.child(node, bytes[at++] & 0xFF);
      }
      if (node == ByteTrie.NONE) {
        break;
      }
      length++;
      int seed = trie.value(node);
      if (seed != ByteTrie.NONE) {
        single |= length == 1;
        add(seed, length);
      }
    }
    if (!single) {
      add(unknown, (short) 1);
    }
    ids[size - 1] |= LAST;
  }

  private void add(int id, short length) {
    if (size == ids.length) {
      int capacity = Math.toIntExact(Math.min(2L * size, Integer.MAX_VALUE - 8));
      if (size == capacity) {
        throw new IllegalArgumentException(
            "SentencePiece training: the text has more than 2^31 places for pieces;"
                + " input_sentence_size takes a sample of the lines");
      }
      ids = Arrays.copyOf(ids, capacity);
      lengths = Arrays.copyOf(lengths, capacity);
    }
    ids[size] = id;
    lengths[size++] = length;
  }

  int[] ids() {
    return ids;
  }

  short[] lengths() {
    return lengths;
  }

  int start(int text) {
    return starts[text];
  }

  int end(int text) {
    return starts[text + 1];
  }

  int chars(int text) {
    return chars[text];
  }

  /// Takes out the seeds that are not alive any more.
  void keep(boolean[] alive) {
    int to = 0;
    for (int t = 0; t < texts; t++) {
      int from = starts[t];
      int end = starts[t + 1];
      starts[t] = to;
      boolean single = false;
      for (int k = from; k < end; k++) {
        int id = ids[k] & ID;
        boolean last = ids[k] < 0;
        if (id == unknown || alive[id]) {
          single |= lengths[k] == 1;
          ids[to] = id;
          lengths[to++] = lengths[k];
        }
        if (last) {
          if (!single) {
            // There was a single character or an unknown one, so there is room.
            ids[to] = unknown;
            lengths[to++] = 1;
          }
          ids[to - 1] |= LAST;
          single = false;
        }
      }
    }
    starts[texts] = to;
    size = to;
  }
}
