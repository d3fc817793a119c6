package dev.quintet.trainer.metric.translation;

import java.util.Arrays;

/// The n-grams of a few sequences, and how often each occurs in the answer and in the references.
///
/// An n-gram is a node below that of its first n - 1 members; so each has a number of its own without hashing whole n-grams.
final class NgramTrie {
  private static final int SMALLEST = 1 << 10;

  private final int order;
  private long[] keys = new long[SMALLEST];
  private int[] children = new int[SMALLEST];
  private int nodes;
  private int[] depth = new int[SMALLEST];
  private int[] current = new int[SMALLEST];
  private int[] most = new int[SMALLEST];

  /// @param order the longest n-grams counted
  NgramTrie(int order) {
    this.order = order;
  }

  /// Forgets all n-grams.
  void clear() {
    Arrays.fill(children, 0);
    nodes = 0;
  }

  /// Counts the n-grams of a reference; of several, each n-gram keeps its highest count.
  void reference(int[] members, int length) {
    count(members, length);
    for (int node = 1; node <= nodes; node++) {
      most[node] = Math.max(most[node], current[node]);
    }
  }

  /// Counts the n-grams of an answer, and adds for each order how many they are and how many of them the references have.
  ///
  /// @param total where the first order's number goes; the others follow
  /// @param matched likewise, of those that the references have
  void answer(int[] members, int length, double[] into, int total, int matched, int stride) {
    count(members, length);
    for (int node = 1; node <= nodes; node++) {
      int at = (depth[node] - 1) * stride;
      into[total + at] += current[node];
      into[matched + at] += Math.min(current[node], most[node]);
    }
  }

  private void count(int[] members, int length) {
    Arrays.fill(current, 0, nodes + 1, 0);
    for (int start = 0; start < length; start++) {
      int node = 0;
      int end = Math.min(length, start + order);
      for (int i = start; i < end; i++) {
        node = child(node, members[i]);
        current[node]++;
      }
    }
  }

  /// The node below another; made where it is new.
  private int child(int parent, int member) {
    long key = (long) parent << 32 | member;
    int slot = slot(key);
    while (children[slot] != 0) {
      if (keys[slot] == key) {
        return children[slot];
      }
      slot = slot + 1 & keys.length - 1;
    }
    nodes++;
    if (nodes == depth.length) {
      depth = Arrays.copyOf(depth, 2 * nodes);
      current = Arrays.copyOf(current, 2 * nodes);
      most = Arrays.copyOf(most, 2 * nodes);
    }
    depth[nodes] = parent == 0 ? 1 : depth[parent] + 1;
    current[nodes] = 0;
    most[nodes] = 0;
    keys[slot] = key;
    children[slot] = nodes;
    if (2 * nodes > keys.length) {
      grow();
    }
    return nodes;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldChildren = children;
    keys = new long[2 * oldKeys.length];
    children = new int[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldChildren[i] != 0) {
        int slot = slot(oldKeys[i]);
        while (children[slot] != 0) {
          slot = slot + 1 & keys.length - 1;
        }
        keys[slot] = oldKeys[i];
        children[slot] = oldChildren[i];
      }
    }
  }

  private int slot(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 40) & keys.length - 1;
  }
}
