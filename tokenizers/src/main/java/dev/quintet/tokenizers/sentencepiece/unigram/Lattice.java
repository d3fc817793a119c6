package dev.quintet.tokenizers.sentencepiece.unigram;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// All segmentations of one text, as nodes in the reference's order: by where they begin, then by length. All sums of
/// scores are in float32, as there.
class Lattice {

  static final int NONE = -1;

  /// When there are this many partial paths, all but the best are dropped, as in the reference.
  private static final int MAX_AGENDA = 10_000;

  private static final int KEPT_AGENDA = 512;

  final int size;
  int nodes;
  int[] begins = new int[64];
  int[] ends = new int[64];
  int[] ids = new int[64];
  float[] scores = new float[64];

  /// The next node that ends where a node does.
  int[] nextEnding = new int[64];

  /// By place: the first and the last node that end there.
  final int[] firstEnding;

  private final int[] lastEnding;

  /// One segmentation: its nodes from left to right, and the sum of their scores.
  record Path(int[] nodes, float score) {}

  /// Makes a lattice without nodes, of a text with so many places.
  Lattice(int places) {
    size = places;
    firstEnding = new int[places + 1];
    lastEnding = new int[places + 1];
    Arrays.fill(firstEnding, NONE);
  }

  /// The lattice of one text of many; its places are characters.
  static Lattice of(Segmentations all, int text, float[] seedScores) {
    var lattice = new Lattice(all.chars(text));
    int place = 0;
    for (int k = all.start(text); k < all.end(text); k++) {
      int seed = all.ids()[k] & Segmentations.ID;
      lattice.add(place, place + all.lengths()[k], seed, seedScores[seed]);
      place -= all.ids()[k] >> 31;
    }
    return lattice;
  }

  final void add(int begin, int end, int id, float score) {
    if (nodes == ids.length) {
      begins = Arrays.copyOf(begins, 2 * nodes);
      ends = Arrays.copyOf(ends, 2 * nodes);
      ids = Arrays.copyOf(ids, 2 * nodes);
      scores = Arrays.copyOf(scores, 2 * nodes);
      nextEnding = Arrays.copyOf(nextEnding, 2 * nodes);
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

  /// The score of the best path that ends with each node.
  private float[] backtrace() {
    float[] backtrace = new float[nodes];
    for (int node = 0; node < nodes; node++) {
      float score = scores[node];
      int left = begins[node] == 0 ? NONE : firstEnding[begins[node]];
      if (left == NONE) {
        backtrace[node] = score;
        continue;
      }
      float best = backtrace[left] + score;
      for (left = nextEnding[left]; left != NONE; left = nextEnding[left]) {
        best = backtrace[left] + score > best ? backtrace[left] + score : best;
      }
      backtrace[node] = best;
    }
    return backtrace;
  }

  /// The `n` best segmentations, best first, or all where there are fewer: A* from the end, with the exact score as
  /// heuristic. Equal ones come as in the reference.
  final List<Path> paths(int n) {
    float[] backtrace = backtrace();
    List<Path> found = new ArrayList<>();
    Agenda agenda = new Agenda();
    // The end of the text stands as the node one past the last.
    agenda.push(agenda.hypothesis(nodes, NONE, 0), 0);
    while (!agenda.isEmpty() && found.size() < n) {
      int top = agenda.pop();
      int node = agenda.node(top);
      float gone = agenda.gone(top);
      if (node == NONE) {
        found.add(new Path(agenda.path(agenda.next(top), nodes), gone));
        continue;
      }
      int at = node == nodes ? size : begins[node];
      if (at == 0) {
        agenda.push(agenda.hypothesis(NONE, top, gone), gone);
      }
      for (int left = at == 0 ? NONE : firstEnding[at]; left != NONE; left = nextEnding[left]) {
        agenda.push(agenda.hypothesis(left, top, scores[left] + gone), backtrace[left] + gone);
      }
      if (agenda.size() >= MAX_AGENDA) {
        agenda.keep(Math.min(KEPT_AGENDA, 10 * n));
      }
    }
    return found;
  }
}
