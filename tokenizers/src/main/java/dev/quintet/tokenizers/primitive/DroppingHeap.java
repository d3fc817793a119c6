package dev.quintet.tokenizers.primitive;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/// A heap whose top is passed over at random, as BPE-dropout passes over merges (Provilkov et al. 2019, arXiv
/// 1910.13267) in Hugging Face's library: what was passed over comes back as soon as another one is taken, and when all
/// are passed over it counts as empty.
public final class DroppingHeap extends LongHeap {

  private final double dropout;
  private final RandomGenerator random;
  private long[] passedOver;
  private int count;
  private long top;

  public DroppingHeap(int capacity, double dropout, RandomGenerator random) {
    super(capacity);
    this.dropout = dropout;
    this.random = random;
    this.passedOver = new long[capacity];
  }

  /// Draws what [#pop] is going to return; to be asked once before each.
  @Override
  public boolean isEmpty() {
    while (!super.isEmpty()) {
      top = super.pop();
      if (random.nextDouble() >= dropout) {
        while (count > 0) {
          push(passedOver[--count]);
        }
        return false;
      }
      if (count == passedOver.length) {
        passedOver = Arrays.copyOf(passedOver, 2 * count);
      }
      passedOver[count++] = top;
    }
    return true;
  }

  @Override
  public long pop() {
    return top;
  }
}
