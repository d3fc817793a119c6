package dev.quintet.tokenizers.sentencepiece.unigram;

import java.util.Arrays;

/// All segmentations of one word, as nodes in the order of the reference: by where they begin, then
/// by length. Reused from word to word. All sums are in float32, as there.
final class Lattice extends LatticeNodes {

  private float[] backtrace = new float[64];
  private int[] previous = new int[64];

  /// Builds the nodes of a text; places are counted in characters.
  void set(Segmentations all, int text, float[] seedScores) {
    clear(all.chars(text));
    int place = 0;
    for (int k = all.start(text); k < all.end(text); k++) {
      int seed = all.ids()[k] & Segmentations.ID;
      add(place, place + all.lengths()[k], seed, seedScores[seed]);
      place -= all.ids()[k] >> 31;
    }
  }

  @Override
  void grow(int capacity) {
    super.grow(capacity);
    backtrace = Arrays.copyOf(backtrace, capacity);
    previous = Arrays.copyOf(previous, capacity);
  }

  int id(int node) {
    return ids[node];
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
