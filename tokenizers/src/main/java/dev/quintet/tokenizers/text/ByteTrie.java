package dev.quintet.tokenizers.text;

import java.util.Arrays;
import java.util.List;

/// A set of byte strings with a number each, as a double array: the child of node `s` by byte `b`
/// is `base[s] + b`, if `check` of it says `s` (Aoe 1989).
///
/// Walk it with [#child] from [#ROOT]; immutable.
public final class ByteTrie {

  /// The node of the empty string.
  public static final int ROOT = 0;

  /// No node, and no value.
  public static final int NONE = -1;

  private static final int FEW = 8;
  private static final int DEEP = 64;

  private static final long HAS_VALUE = 1L << 63;

  /// The node's base in the high half and its check in the low half, so that a step touches one
  /// cache line; the highest bit says that a string ends here.
  private final long[] cells;

  private final int[] values;

  private ByteTrie(Builder built) {
    int size = Math.min(built.check.length, built.last + 257);
    cells = new long[size];
    values = Arrays.copyOf(built.values, size);
    for (int node = 0; node < size; node++) {
      cells[node] =
          (long) built.base[node] << 32
              | built.check[node] & 0xFFFFFFFFL
              | (values[node] == NONE ? 0 : HAS_VALUE);
    }
  }

  /// Builds a trie.
  ///
  /// @param keys the strings, all different
  /// @param values the number of each, from 0
  /// @return the trie
  public static ByteTrie of(List<byte[]> keys, int[] values) {
    int[] order = sorted(keys);
    byte[][] sorted = new byte[order.length][];
    int[] sortedValues = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      sorted[i] = keys.get(order[i]);
      sortedValues[i] = values[order[i]];
    }
    Builder builder = new Builder(1024 + 2 * sorted.length);
    builder.build(sorted, sortedValues);
    return new ByteTrie(builder);
  }

  /// The keys' indices in the order of their bytes. Most of the time that a tokenizer takes to load would go
  /// into comparing whole keys.
  private static int[] sorted(List<byte[]> keys) {
    long[] order = new long[keys.size()];
    Arrays.setAll(order, i -> i);
    sort(keys, order, 0, order.length, 0);
    return Arrays.stream(order).mapToInt(i -> (int) i).toArray();
  }

  /// Sorts a range whose keys are equal before a byte: by the next four bytes, and those that are equal there again.
  private static void sort(List<byte[]> keys, long[] order, int from, int to, int depth) {
    for (int i = from; i < to; i++) {
      byte[] key = keys.get((int) order[i]);
      int next = 0;
      for (int k = depth; k < depth + Integer.BYTES; k++) {
        next = next << 8 | (k < key.length ? key[k] & 0xFF : 0);
      }
      order[i] = (long) (next ^ Integer.MIN_VALUE) << 32 | (int) order[i];
    }
    Arrays.sort(order, from, to);
    for (int start = from; start < to; ) {
      int end = start + 1;
      while (end < to && order[start] >> 32 == order[end] >> 32) {
        end++;
      }
      if (end - start > FEW && depth < DEEP) {
        sort(keys, order, start, end, depth + Integer.BYTES);
      } else {
        insert(keys, order, start, end);
      }
      start = end;
    }
  }

  /// Sorts a few by whole keys; a key that ended counted as zeros so far.
  private static void insert(List<byte[]> keys, long[] order, int from, int to) {
    if (to - from == 1) {
      return;
    }
    if (to - from > FEW) {
      Long[] many = Arrays.stream(order, from, to).boxed().toArray(Long[]::new);
      Arrays.sort(
          many,
          (a, b) -> Arrays.compareUnsigned(keys.get((int) (long) a), keys.get((int) (long) b)));
      for (int i = from; i < to; i++) {
        order[i] = many[i - from];
      }
      return;
    }
    for (int i = from + 1; i < to; i++) {
      long moved = order[i];
      byte[] key = keys.get((int) moved);
      int at = i;
      while (at > from && Arrays.compareUnsigned(keys.get((int) order[at - 1]), key) > 0) {
        order[at] = order[--at];
      }
      order[at] = moved;
    }
  }

  /// The node that a byte leads to.
  ///
  /// @param node where from
  /// @param value the byte, 0 to 255
  /// @return the node, or [#NONE]
  public int child(int node, int value) {
    int next = (int) (cells[node] >>> 32 & 0x7FFFFFFF) + value;
    return (int) cells[next] == node ? next : NONE;
  }

  /// The number of the string that ends at a node.
  ///
  /// @param node the node
  /// @return the number, or [#NONE]
  public int value(int node) {
    return cells[node] < 0 ? values[node] : NONE;
  }

  /// The number of a string.
  ///
  /// @param text holds it
  /// @param start where it begins
  /// @param end where it ends
  /// @return its number, or [#NONE]
  public int find(byte[] text, int start, int end) {
    int node = ROOT;
    for (int i = start; i < end && node != NONE; i++) {
      node = child(node, text[i] & 0xFF);
    }
    return node == NONE ? NONE : values[node];
  }

  /// Where the longest string ends that begins at a place.
  ///
  /// @param text the text
  /// @param start the place
  /// @param end where the text ends
  /// @return the end, or [#NONE] when none begins there
  public int longest(byte[] text, int start, int end) {
    int node = ROOT;
    int longest = NONE;
    for (int i = start; i < end; i++) {
      node = child(node, text[i] & 0xFF);
      if (node == NONE) {
        break;
      }
      if (cells[node] < 0) {
        longest = i + 1;
      }
    }
    return longest;
  }

  /// The number of the longest string that begins at a place.
  ///
  /// @param text the text
  /// @param start the place
  /// @param end where the text ends
  /// @return its number, or [#NONE] when none begins there
  public int longestValue(byte[] text, int start, int end) {
    int node = ROOT;
    int longest = NONE;
    for (int i = start; i < end; i++) {
      node = child(node, text[i] & 0xFF);
      if (node == NONE) {
        break;
      }
      if (cells[node] < 0) {
        longest = node;
      }
    }
    return longest == NONE ? NONE : values[longest];
  }

  /// A trie that is growing.
  private static final class Builder {
    private int[] base;
    private int[] check;
    private int[] values;

    /// The highest place that a node or its children may take.
    private int last;

    /// Where to look for free places; all before are taken, or nearly so.
    private int firstFree = 1;

    Builder(int capacity) {
      base = new int[capacity];
      check = new int[capacity];
      values = new int[capacity];
      Arrays.fill(check, NONE);
      Arrays.fill(values, NONE);
    }

    /// Nodes wait in a queue as (node, first key, key after the last, depth): no recursion, as a key
    /// may be long.
    private void build(byte[][] keys, int[] numbers) {
      int[] queue = new int[4 * 1024];
      int head = 0;
      int tail = 0;
      queue[tail++] = ROOT;
      queue[tail++] = 0;
      queue[tail++] = keys.length;
      queue[tail++] = 0;
      int[] labels = new int[256];
      int[] firsts = new int[257];
      while (head < tail) {
        int node = queue[head];
        int from = queue[head + 1];
        int to = queue[head + 2];
        int depth = queue[head + 3];
        head += 4;
        if (from < to && keys[from].length == depth) {
          values[node] = numbers[from++];
        }
        int count = 0;
        for (int i = from; i < to; i++) {
          int label = keys[i][depth] & 0xFF;
          if (count == 0 || labels[count - 1] != label) {
            firsts[count] = i;
            labels[count++] = label;
          }
        }
        firsts[count] = to;
        // In two steps, as finding a place may move the array.
        int offset = place(labels, count);
        base[node] = offset;
        last = Math.max(last, offset + (count == 0 ? 0 : labels[count - 1]));
        for (int i = 0; i < count; i++) {
          check[offset + labels[i]] = node;
        }
        if (queue.length - tail < 4 * count) {
          queue = Arrays.copyOfRange(queue, head, head + Math.max(2 * (tail - head), 4096));
          tail -= head;
          head = 0;
          if (queue.length - tail < 4 * count) {
            queue = Arrays.copyOf(queue, tail + 4 * count);
          }
        }
        for (int i = 0; i < count; i++) {
          queue[tail++] = offset + labels[i];
          queue[tail++] = firsts[i];
          queue[tail++] = firsts[i + 1];
          queue[tail++] = depth + 1;
        }
      }
    }

    /// Finds where all labels have free places; the last byte still has one after it, so that no
    /// walk leaves the arrays.
    private int place(int[] labels, int count) {
      if (count == 0) {
        return 1;
      }
      int tried = 0;
      for (int first = Math.max(firstFree, labels[0] + 1); ; first++) {
        ensure(first + 512);
        if (check[first] != NONE) {
          continue;
        }
        if (tried++ == 0) {
          firstFree = Math.max(firstFree, count == 1 ? first : firstFree);
        }
        int offset = first - labels[0];
        boolean free = true;
        for (int i = 1; i < count && free; i++) {
          free = check[offset + labels[i]] == NONE;
        }
        if (free) {
          return offset;
        }
        if (tried == 512) {
          // This region is full of holes that nothing fits; leave it to single labels.
          firstFree = Math.max(firstFree, first - 256);
        }
      }
    }

    private void ensure(int size) {
      if (size > check.length) {
        int old = check.length;
        int capacity = Math.max(size, 2 * old);
        base = Arrays.copyOf(base, capacity);
        check = Arrays.copyOf(check, capacity);
        values = Arrays.copyOf(values, capacity);
        Arrays.fill(check, old, capacity, NONE);
        Arrays.fill(values, old, capacity, NONE);
      }
    }
  }
}
