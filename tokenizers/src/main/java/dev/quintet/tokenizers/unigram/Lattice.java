package dev.quintet.tokenizers.unigram;

import dev.quintet.tokenizers.token.ByteTrie;
import dev.quintet.tokenizers.token.Utf8;
import java.util.Arrays;

/// All segmentations of one word, as nodes in the order of the reference: by where they begin, then
/// by length. Reused from word to word. All sums are in float32, as there.
final class Lattice {

  static final int NONE = -1;

  private static final float ONE_IS_NEGLIGIBLE = 50;

  private byte[] text = new byte[0];
  private int size;

  /// The nodes.
  private int nodes;

  private int[] begins = new int[64];
  private int[] ends = new int[64];
  private int[] ids = new int[64];
  private float[] scores = new float[64];
  private float[] backtrace = new float[64];
  private int[] previous = new int[64];

  /// The next node that ends where a node does.
  private int[] nextEnding = new int[64];

  /// By place: the first node that begins there (they stand together), the first and the last that
  /// end there.
  private int[] firstBeginning = new int[64];

  private int[] firstEnding = new int[64];
  private int[] lastEnding = new int[64];
  private float[] alpha = new float[64];
  private float[] beta = new float[64];

  /// Builds the nodes of a word: for every place the pieces that begin there, and an unknown one of
  /// id 0 where none is a single character.
  void set(byte[] word, ByteTrie trie, int[] current, float[] pieceScores, float unknownScore) {
    text = word;
    size = word.length;
    nodes = 0;
    if (firstBeginning.length < size + 2) {
      int capacity = 2 * size + 2;
      firstBeginning = new int[capacity];
      firstEnding = new int[capacity];
      lastEnding = new int[capacity];
      alpha = new float[capacity];
      beta = new float[capacity];
    }
    Arrays.fill(firstEnding, 0, size + 1, NONE);
    Arrays.fill(firstBeginning, 0, size + 1, NONE);
    int length;
    for (int start = 0; start < size; start += length) {
      length = Utf8.step(text, start, size);
      firstBeginning[start] = nodes;
      boolean single = false;
      int node = ByteTrie.ROOT;
      for (int at = start; at < size; ) {
        node = trie.child(node, text[at++] & 0xFF);
        if (node == ByteTrie.NONE) {
          break;
        }
        int piece = trie.value(node) == ByteTrie.NONE ? NONE : current[trie.value(node)];
        if (piece != NONE) {
          add(start, at, piece, pieceScores[piece]);
          single |= at - start == length;
        }
      }
      if (!single) {
        add(start, start + length, 0, unknownScore);
      }
    }
    firstBeginning[size] = nodes;
  }

  private void add(int begin, int end, int id, float score) {
    if (nodes == ids.length) {
      int capacity = 2 * nodes;
      begins = Arrays.copyOf(begins, capacity);
      ends = Arrays.copyOf(ends, capacity);
      ids = Arrays.copyOf(ids, capacity);
      scores = Arrays.copyOf(scores, capacity);
      backtrace = Arrays.copyOf(backtrace, capacity);
      previous = Arrays.copyOf(previous, capacity);
      nextEnding = Arrays.copyOf(nextEnding, capacity);
    }
    begins[nodes] = begin;
    ends[nodes] = end;
    ids[nodes] = id;
    scores[nodes] = score;
    nextEnding[nodes] = NONE;
    if (firstEnding[end] == NONE) {
      firstEnding[end] = nodes;
    } else {
      nextEnding[lastEnding[end]] = nodes;
    }
    lastEnding[end] = nodes++;
  }

  int id(int node) {
    return ids[node];
  }

  private static float logSumExp(float x, float y) {
    float low = Math.min(x, y);
    float high = Math.max(x, y);
    return high > low + ONE_IS_NEGLIGIBLE
        ? high
        : (float) (high + Math.log(Math.exp(low - high) + 1.0));
  }

  /// Adds to each piece how often it is expected in the word, which occurs `count` times.
  void addExpected(float count, float[] expected) {
    alpha[0] = 0;
    for (int at = 1; at <= size; at++) {
      int node = firstEnding[at];
      if (node == NONE) {
        continue;
      }
      float sum = scores[node] + alpha[begins[node]];
      for (node = nextEnding[node]; node != NONE; node = nextEnding[node]) {
        sum = logSumExp(sum, scores[node] + alpha[begins[node]]);
      }
      alpha[at] = sum;
    }
    beta[size] = 0;
    int after = nodes;
    for (int at = size - 1; at >= 0; at--) {
      int first = firstBeginning[at];
      if (first == NONE) {
        continue;
      }
      float sum = scores[first] + beta[ends[first]];
      for (int node = first + 1; node < after; node++) {
        sum = logSumExp(sum, scores[node] + beta[ends[node]]);
      }
      beta[at] = sum;
      after = first;
    }
    float total = alpha[size];
    for (int node = 0; node < nodes; node++) {
      float log = alpha[begins[node]] + scores[node] + beta[ends[node]] - total;
      expected[ids[node]] = (float) (expected[ids[node]] + count * Math.exp(log));
    }
  }

  /// Finds the best segmentation; of equal ones the first left node stays. Gives the last node.
  int best() {
    for (int node = 0; node < nodes; node++) {
      bestBefore(node, scores[node], begins[node]);
    }
    return bestLeft(size, 0);
  }

  private void bestBefore(int node, float score, int at) {
    if (at == 0) {
      previous[node] = NONE;
      backtrace[node] = score;
      return;
    }
    int left = bestLeft(at, score);
    previous[node] = left;
    backtrace[node] = backtrace[left] + score;
  }

  private int bestLeft(int at, float score) {
    int best = firstEnding[at];
    float bestScore = backtrace[best] + score;
    for (int node = nextEnding[best]; node != NONE; node = nextEnding[node]) {
      if (backtrace[node] + score > bestScore) {
        best = node;
        bestScore = backtrace[node] + score;
      }
    }
    return best;
  }

  int previous(int node) {
    return previous[node];
  }

  /// Nodes of the best and of the second best segmentation from left to right; fewer where there
  /// are fewer (A* from the end with the exact score as heuristic).
  int[][] twoBest() {
    int last = best();
    Agenda agenda = new Agenda();
    // The end of the word stands as the node one past the last.
    agenda.push(agenda.hypothesis(nodes, NONE, 0), backtrace[last]);
    int[][] found = new int[2][];
    int count = 0;
    while (!agenda.isEmpty() && count < 2) {
      int top = agenda.pop();
      int node = agenda.node(top);
      if (node == NONE) {
        found[count++] = agenda.path(agenda.next(top), nodes);
        continue;
      }
      int at = node == nodes ? size : begins[node];
      float gone = agenda.gone(top);
      if (at == 0) {
        agenda.push(agenda.hypothesis(NONE, top, gone), gone);
        continue;
      }
      for (int left = firstEnding[at]; left != NONE; left = nextEnding[left]) {
        agenda.push(agenda.hypothesis(left, top, scores[left] + gone), backtrace[left] + gone);
      }
    }
    return Arrays.copyOf(found, count);
  }
}
