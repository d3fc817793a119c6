package dev.quintet.tokenizers.primitive;

import java.util.Arrays;

/// A binary heap of numbers, smallest first.
public sealed class LongHeap permits DroppingHeap {
  private long[] items;
  private int size;

  public LongHeap(int capacity) {
    items = new long[capacity];
  }

  public boolean isEmpty() {
    return size == 0;
  }

  public void push(long item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, 2 * size);
    }
    int at = size++;
    while (at > 0 && items[(at - 1) >> 1] > item) {
      items[at] = items[(at - 1) >> 1];
      at = (at - 1) >> 1;
    }
    items[at] = item;
  }

  public long pop() {
    long top = items[0];
    long last = items[--size];
    int at = 0;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && items[child + 1] < items[child]) {
        child++;
      }
      if (items[child] >= last) {
        break;
      }
      items[at] = items[child];
      at = child;
    }
    items[at] = last;
    return top;
  }
}
