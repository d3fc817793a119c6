package dev.quintet.tokenizers.sentencepiece.unigram;

import java.util.Arrays;

/// The nodes of all segmentations of one text, in the reference's order: by where they begin, then by length.
abstract class LatticeNodes {

  static final int NONE = -1;

  int size;
  int nodes;
  int[] begins = new int[64];
  int[] ends = new int[64];
  int[] ids = new int[64];
  float[] scores = new float[64];

  /// The next node that ends where a node does.
  int[] nextEnding = new int[64];

  /// By place: the first and the last node that end there.
  int[] firstEnding = new int[64];

  private int[] lastEnding = new int[64];

  /// Forgets all nodes, for a text with so many places.
  void clear(int places) {
    size = places;
    nodes = 0;
    if (firstEnding.length < places + 1) {
      int capacity = 2 * places + 2;
      firstEnding = new int[capacity];
      lastEnding = new int[capacity];
    }
    Arrays.fill(firstEnding, 0, places + 1, NONE);
  }

  void add(int begin, int end, int id, float score) {
    if (nodes == ids.length) {
      grow(2 * nodes);
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

  /// Makes room for so many nodes.
  void grow(int capacity) {
    begins = Arrays.copyOf(begins, capacity);
    ends = Arrays.copyOf(ends, capacity);
    ids = Arrays.copyOf(ids, capacity);
    scores = Arrays.copyOf(scores, capacity);
    nextEnding = Arrays.copyOf(nextEnding, capacity);
  }
}
