package dev.quintet.tokenizers.sentencepiece.unigram;

import java.util.Arrays;

/// Sorts the suffixes of a text in linear time by induced sorting (Nong, Zhang and Chan 2009, "Linear
/// Suffix Array Construction by Almost Pure Induced-Sorting"). A suffix that ends is smaller than
/// one that goes on.
final class SuffixArray {

  private SuffixArray() {}

  /// The suffixes' first indices in order; the text has numbers from 0 to `letters - 1`.
  static int[] of(int[] text, int letters) {
    int n = text.length;
    if (n <= 1) {
      return new int[n];
    }
    // A suffix is of type S when it is smaller than the next one; the empty one is.
    boolean[] small = new boolean[n];
    for (int i = n - 2; i >= 0; i--) {
      small[i] = text[i] < text[i + 1] || text[i] == text[i + 1] && small[i + 1];
    }
    int[] begins = new int[letters + 1];
    for (int letter : text) {
      begins[letter + 1]++;
    }
    for (int c = 0; c < letters; c++) {
      begins[c + 1] += begins[c];
    }
    int[] starts = leftmostSmall(small);
    int[] order = induce(text, small, begins, starts);
    // Name the stretches between leftmost S suffixes by their order, and sort those that remain
    // equal.
    int count = starts.length;
    if (count > 1) {
      int[] number = new int[n];
      for (int k = 0; k < count; k++) {
        number[starts[k]] = k + 1;
      }
      int[] names = new int[count];
      int name = -1;
      int previous = -1;
      for (int at : order) {
        int k = number[at] - 1;
        if (k >= 0) {
          if (previous < 0 || !sameStretch(text, starts, previous, k)) {
            name++;
          }
          names[k] = name;
          previous = k;
        }
      }
      int[] sorted = new int[count];
      if (name + 1 == count) {
        for (int k = 0; k < count; k++) {
          sorted[names[k]] = starts[k];
        }
      } else {
        int[] inner = of(names, name + 1);
        for (int k = 0; k < count; k++) {
          sorted[k] = starts[inner[k]];
        }
      }
      order = induce(text, small, begins, sorted);
    }
    return order;
  }

  private static int[] leftmostSmall(boolean[] small) {
    int[] starts = new int[small.length / 2 + 1];
    int count = 0;
    for (int i = 1; i < small.length; i++) {
      if (small[i] && !small[i - 1]) {
        starts[count++] = i;
      }
    }
    return Arrays.copyOf(starts, count);
  }

  /// Whether two stretches, each up to and with the next start, are the same; the last goes to the
  /// end of the text and is like no other.
  private static boolean sameStretch(int[] text, int[] starts, int a, int b) {
    if (a + 1 == starts.length || b + 1 == starts.length) {
      return false;
    }
    int length = starts[a + 1] - starts[a];
    if (length != starts[b + 1] - starts[b]) {
      return false;
    }
    for (int i = 0; i <= length; i++) {
      if (text[starts[a] + i] != text[starts[b] + i]) {
        return false;
      }
    }
    return true;
  }

  /// Sorts all suffixes from the order of the leftmost S ones.
  private static int[] induce(int[] text, boolean[] small, int[] begins, int[] sorted) {
    int n = text.length;
    int letters = begins.length - 1;
    int[] order = new int[n];
    Arrays.fill(order, -1);
    int[] ends = Arrays.copyOfRange(begins, 1, letters + 1);
    for (int k = sorted.length - 1; k >= 0; k--) {
      order[--ends[text[sorted[k]]]] = sorted[k];
    }
    int[] heads = Arrays.copyOf(begins, letters);
    // The empty suffix comes first, and before it stands the last letter.
    order[heads[text[n - 1]]++] = n - 1;
    for (int i = 0; i < n; i++) {
      int at = order[i] - 1;
      if (at >= 0 && !small[at]) {
        order[heads[text[at]]++] = at;
      }
    }
    ends = Arrays.copyOfRange(begins, 1, letters + 1);
    for (int i = n - 1; i >= 0; i--) {
      int at = order[i] - 1;
      if (at >= 0 && small[at]) {
        order[--ends[text[at]]] = at;
      }
    }
    return order;
  }

  /// How many letters each suffix in order has in common with the one before it (Kasai et al. 2001).
  static int[] commonPrefixes(int[] text, int[] order) {
    int n = text.length;
    int[] rank = new int[n];
    for (int i = 0; i < n; i++) {
      rank[order[i]] = i;
    }
    int[] common = new int[n];
    int length = 0;
    for (int i = 0; i < n; i++) {
      if (rank[i] == 0) {
        length = 0;
        continue;
      }
      int other = order[rank[i] - 1];
      while (i + length < n && other + length < n && text[i + length] == text[other + length]) {
        length++;
      }
      common[rank[i]] = length;
      length = Math.max(0, length - 1);
    }
    return common;
  }
}
