package dev.quintet.tokenizers.sentencepiece.unigram;

import java.util.Arrays;

/// Partial paths of an A* search, best first. The heap moves its items exactly as the reference's
/// standard library does (libstdc++'s `push_heap` and `pop_heap`), because that decides which of two
/// equally good paths comes first.
final class Agenda {

  private int[] nodes = new int[64];
  private int[] nexts = new int[64];
  private float[] gone = new float[64];
  private int hypotheses;

  private int[] heap = new int[64];
  private float[] keys = new float[64];
  private int size;

  /// Makes a path: a node before the path `next`, with the score of the whole path.
  int hypothesis(int node, int next, float score) {
    if (hypotheses == nodes.length) {
      nodes = Arrays.copyOf(nodes, 2 * hypotheses);
      nexts = Arrays.copyOf(nexts, 2 * hypotheses);
      gone = Arrays.copyOf(gone, 2 * hypotheses);
    }
    nodes[hypotheses] = node;
    nexts[hypotheses] = next;
    gone[hypotheses] = score;
    return hypotheses++;
  }

  int node(int hypothesis) {
    return nodes[hypothesis];
  }

  int next(int hypothesis) {
    return nexts[hypothesis];
  }

  float gone(int hypothesis) {
    return gone[hypothesis];
  }

  /// The nodes of a path up to the node that stands for the end.
  int[] path(int hypothesis, int end) {
    int[] path = new int[16];
    int length = 0;
    for (int at = hypothesis; nodes[at] != end; at = nexts[at]) {
      if (length == path.length) {
        path = Arrays.copyOf(path, 2 * length);
      }
      path[length++] = nodes[at];
    }
    return Arrays.copyOf(path, length);
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /// Forgets all but the best.
  void keep(int count) {
    int[] best = new int[count];
    float[] bestKeys = new float[count];
    for (int i = 0; i < count; i++) {
      bestKeys[i] = keys[0];
      best[i] = pop();
    }
    size = 0;
    for (int i = 0; i < count; i++) {
      push(best[i], bestKeys[i]);
    }
  }

  void push(int hypothesis, float key) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
      keys = Arrays.copyOf(keys, 2 * size);
    }
    siftUp(size++, 0, hypothesis, key);
  }

  private void siftUp(int from, int top, int hypothesis, float key) {
    int hole = from;
    while (hole > top && keys[(hole - 1) / 2] < key) {
      move((hole - 1) / 2, hole);
      hole = (hole - 1) / 2;
    }
    heap[hole] = hypothesis;
    keys[hole] = key;
  }

  private void move(int from, int to) {
    heap[to] = heap[from];
    keys[to] = keys[from];
  }

  int pop() {
    int top = heap[0];
    int last = heap[--size];
    float key = keys[size];
    int hole = 0;
    int child = 0;
    while (child < (size - 1) / 2) {
      child = 2 * (child + 1);
      if (keys[child] < keys[child - 1]) {
        child--;
      }
      move(child, hole);
      hole = child;
    }
    if ((size & 1) == 0 && size > 0 && child == (size - 2) / 2) {
      child = 2 * (child + 1);
      move(child - 1, hole);
      hole = child - 1;
    }
    if (size > 0) {
      siftUp(hole, 0, last, key);
    }
    return top;
  }
}
