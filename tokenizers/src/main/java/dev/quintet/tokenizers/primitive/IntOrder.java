package dev.quintet.tokenizers.primitive;

/// Sorts numbers by what they stand for, without boxing. Stable.
public final class IntOrder {

  /// Compares what two numbers stand for.
  @FunctionalInterface
  public interface By {
    /// Compares.
    ///
    /// @param a a number
    /// @param b another
    /// @return less than 0 when `a` comes first, more when `b` does
    int compare(int a, int b);
  }

  /// Runs of this length are sorted by insertion.
  private static final int RUN = 12;

  private IntOrder() {}

  /// Sorts in place, by merging.
  ///
  /// @param items the numbers
  /// @param by their order
  public static void sort(int[] items, By by) {
    int n = items.length;
    for (int start = 0; start < n; start += RUN) {
      insert(items, start, Math.min(start + RUN, n), by);
    }
    int[] from = items;
    int[] to = new int[n];
    for (int width = RUN; width < n; width *= 2) {
      for (int start = 0; start < n; start += 2 * width) {
        merge(from, to, start, Math.min(start + width, n), Math.min(start + 2 * width, n), by);
        if (start > n - 2 * width) {
          break;
        }
      }
      int[] other = from;
      from = to;
      to = other;
      if (width > n / 2) {
        break;
      }
    }
    if (from != items) {
      System.arraycopy(from, 0, items, 0, n);
    }
  }

  private static void insert(int[] items, int start, int end, By by) {
    for (int i = start + 1; i < end; i++) {
      int item = items[i];
      int at = i;
      for (; at > start && by.compare(items[at - 1], item) > 0; at--) {
        items[at] = items[at - 1];
      }
      items[at] = item;
    }
  }

  private static void merge(int[] from, int[] to, int start, int middle, int end, By by) {
    if (middle == end || by.compare(from[middle - 1], from[middle]) <= 0) {
      System.arraycopy(from, start, to, start, end - start);
      return;
    }
    int a = start;
    int b = middle;
    for (int i = start; i < end; i++) {
      to[i] = b == end || a < middle && by.compare(from[a], from[b]) <= 0 ? from[a++] : from[b++];
    }
  }
}
