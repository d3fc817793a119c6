package dev.quintet.core.cpu.lane;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.random.Philox;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/// Draws the masks of [DropoutMask]: eight or four Philox counters at a time, one in each 64-bit lane.
///
/// A mask is written to a thread's array as int32 that are -1 where an element is kept and 0 where it is
/// dropped, and is then one AND for whoever uses it: dropout itself, or the probabilities of attention.
public final class DropoutLanes {
  /// Elements of a block, whose mask takes eight counters; arrays are filled in whole blocks.
  public static final int BLOCK = 64;

  private static final VectorSpecies<Long> L = VectorSpecies.of(long.class, Lanes.F.vectorShape());
  private static final LongVector LANE = LongVector.zero(L).addIndex(1);
  private static final long LOW = 0xFFFFFFFFL;

  private DropoutLanes() {}

  /// The length of an array for the masks of `count` elements: whole blocks.
  public static int padded(int count) {
    return (count + BLOCK - 1) / BLOCK * BLOCK;
  }

  /// Keeps or drops the elements from `first` on of one row.
  ///
  /// @param mask what is dropped; its `firstRow` is this row
  /// @param first the first element's number in the row, a multiple of 64
  /// @param count elements
  /// @param kept -1 for each element that is kept and 0 for the others, up to whole blocks
  public static void draw(DropoutMask mask, long first, int count, int[] kept) {
    draw(mask.seed(), mask.stream(), (int) mask.firstRow(), first, count, mask.threshold(), kept);
  }

  /// As [#draw(DropoutMask, long, int, int\[\])], for callers that change the stream from row to row.
  public static void draw(
      long seed, long stream, int row, long first, int count, int threshold, int[] kept) {
    LongVector word1 = LongVector.broadcast(L, row);
    LongVector word2 = LongVector.broadcast(L, stream);
    LongVector word3 = LongVector.broadcast(L, stream >>> 32);
    LongVector key0 = LongVector.broadcast(L, seed);
    LongVector key1 = LongVector.broadcast(L, seed >>> 32);
    LongVector low = LongVector.broadcast(L, LOW);
    LongVector times0 = LongVector.broadcast(L, Philox.MULTIPLIER_0).and(low);
    LongVector times1 = LongVector.broadcast(L, Philox.MULTIPLIER_1).and(low);
    LongVector weyl0 = LongVector.broadcast(L, Philox.WEYL_0);
    LongVector weyl1 = LongVector.broadcast(L, Philox.WEYL_1);
    IntVector limit = IntVector.broadcast(Lanes.I, threshold - 1);
    IntVector half = IntVector.broadcast(Lanes.I, 0xFFFF);
    int end = padded(count);
    for (int at = 0; at < end; at += 4 * Lanes.N) {
      // 16 lanes take a block's eight counters at once, 8 lanes first four of them and then the
      // others
      int block = at & -BLOCK;
      int group = (at - block) / 4;
      LongVector c0 = LANE.add((first + block) / 8 + group / 2);
      LongVector c1 = word1;
      LongVector c2 = word2;
      LongVector c3 = word3;
      LongVector k0 = key0;
      LongVector k1 = key1;
      // upper halves hold rubbish: what is multiplied is masked first
      for (int round = 0; round < Philox.DROPOUT_ROUNDS; round++) {
        LongVector p0 = c0.and(low).mul(times0);
        LongVector p1 = c2.and(low).mul(times1);
        c0 = p1.lanewise(LSHR, 32).lanewise(XOR, c1).lanewise(XOR, k0);
        c1 = p1;
        c2 = p0.lanewise(LSHR, 32).lanewise(XOR, c3).lanewise(XOR, k1);
        c3 = p0;
        k0 = k0.add(weyl0);
        k1 = k1.add(weyl1);
      }
      IntVector words = c0.and(low).or(c1.lanewise(LSHL, 32)).reinterpretAsInts();
      int to = block + group;
      keep(words.and(half), limit).intoArray(kept, to);
      keep(words.lanewise(LSHR, 16), limit).intoArray(kept, to + 16);
      words = c2.and(low).or(c3.lanewise(LSHL, 32)).reinterpretAsInts();
      keep(words.and(half), limit).intoArray(kept, to + 32);
      keep(words.lanewise(LSHR, 16), limit).intoArray(kept, to + 48);
    }
  }

  /// -1 where a 16-bit word reaches the threshold, else 0: the sign of `limit` - word, with limit the threshold less 1.
  private static IntVector keep(IntVector word, IntVector limit) {
    return limit.sub(word).lanewise(ASHR, 31);
  }

  /// v where an element is kept, else 0.
  public static FloatVector apply(FloatVector v, int[] kept, int at) {
    return v.reinterpretAsInts().and(IntVector.fromArray(Lanes.I, kept, at)).reinterpretAsFloats();
  }
}
