package dev.quintet.core.cpu.lane;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;

import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// Exchanges of neighbouring blocks of 8, 4, 2 and 1 lanes, and the upper one of each two such blocks.
public final class LaneSwaps {
  /// Exchanges blocks of 8 where there are two.
  public static final VectorShuffle<Float> SWAP_8 = swap(8 & (N - 1));

  /// Exchanges blocks of 4.
  public static final VectorShuffle<Float> SWAP_4 = swap(4);

  /// Exchanges blocks of 2.
  public static final VectorShuffle<Float> SWAP_2 = swap(2);

  /// Exchanges single lanes.
  public static final VectorShuffle<Float> SWAP_1 = swap(1);

  /// Upper blocks of 8; none where there is one block.
  public static final VectorMask<Float> UPPER_8 = upper(8);

  /// Upper blocks of 4.
  public static final VectorMask<Float> UPPER_4 = upper(4);

  /// Upper blocks of 2.
  public static final VectorMask<Float> UPPER_2 = upper(2);

  /// Odd lanes.
  public static final VectorMask<Float> UPPER_1 = upper(1);

  private LaneSwaps() {}

  private static VectorShuffle<Float> swap(int by) {
    return VectorShuffle.fromOp(F, i -> i ^ by);
  }

  private static VectorMask<Float> upper(int bit) {
    long bits = 0;
    for (int i = 0; i < N; i++) {
      bits |= (i & bit) != 0 ? 1L << i : 0;
    }
    return VectorMask.fromLong(F, bits);
  }
}
