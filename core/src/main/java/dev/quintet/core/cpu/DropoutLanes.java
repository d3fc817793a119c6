package dev.quintet.core.cpu;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
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
final class DropoutLanes {
  /// Elements of a block, whose mask takes eight counters; arrays are filled in whole blocks.
  static final int BLOCK = 64;

  private static final VectorSpecies<Long> L = VectorSpecies.of(long.class, Lanes.F.vectorShape());
  private static final LongVector LANE = LongVector.zero(L).addIndex(1);
  private static final long LOW = 0xFFFFFFFFL;

  private DropoutLanes() {}

  /// The length of an array for the masks of `count` elements: whole blocks.
  static int padded(int count) {
    return (count + BLOCK - 1) / BLOCK * BLOCK;
  }

  /// Keeps or drops the elements from `first` on of one row.
  ///
  /// @param mask what is dropped; its `firstRow` is this row
  /// @param first the first element's number in the row, a multiple of 64
  /// @param count elements
  /// @param kept -1 for each element that is kept and 0 for the others, up to whole blocks
  static void draw(DropoutMask mask, long first, int count, int[] kept) {
    draw(mask.seed(), mask.stream(), (int) mask.firstRow(), first, count, mask.threshold(), kept);
  }

  /// As [#draw(DropoutMask, long, int, int\[\])], for callers that change the stream from row to row.
  static void draw(
      long seed, long stream, int row, long first, int count, int threshold, int[] kept) {
    LongVector word1 = LongVector.broadcast(L, row);
    LongVector word2 = LongVector.broadcast(L, stream);
    LongVector word3 = LongVector.broadcast(L, stream >>> 32);
    int key0 = (int) seed;
    int key1 = (int) (seed >>> 32);
    for (int at = 0; at < count; at += BLOCK) {
      long counter = (first + at) / 8;
      for (int group = 0; group < 16; group += Lanes.N) {
        LongVector word0 = LANE.add(counter + group / 2);
        draw(word0, word1, word2, word3, key0, key1, threshold, kept, at + group);
      }
    }
  }

  /// Seven rounds; upper halves of words hold rubbish until they are multiplied or put together.
  private static void draw(
      LongVector c0,
      LongVector c1,
      LongVector c2,
      LongVector c3,
      int key0,
      int key1,
      int threshold,
      int[] kept,
      int at) {
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < Philox.DROPOUT_ROUNDS; round++) {
      LongVector p0 = product(c0, Philox.MULTIPLIER_0);
      LongVector p1 = product(c2, Philox.MULTIPLIER_1);
      c0 = p1.lanewise(LSHR, 32).lanewise(XOR, c1).lanewise(XOR, k0);
      c1 = p1;
      c2 = p0.lanewise(LSHR, 32).lanewise(XOR, c3).lanewise(XOR, k1);
      c3 = p0;
      k0 += Philox.WEYL_0;
      k1 += Philox.WEYL_1;
    }
    keep(c0, c1, threshold, kept, at);
    keep(c2, c3, threshold, kept, at + 32);
  }

  /// Both operands are masked to 32 bits in a form in which the compiler sees that one 32-bit multiplication will do.
  private static LongVector product(LongVector word, int multiplier) {
    return word.and(LOW).mul(LongVector.broadcast(L, multiplier & LOW).and(LOW));
  }

  /// The lower halves of two words side by side decide 16 elements, their upper halves the next 16.
  private static void keep(LongVector even, LongVector odd, int threshold, int[] kept, int at) {
    IntVector words = even.and(LOW).or(odd.lanewise(LSHL, 32)).reinterpretAsInts();
    IntVector none = IntVector.broadcast(Lanes.I, -1);
    none.blend(0, words.and(0xFFFF).compare(LT, threshold)).intoArray(kept, at);
    none.blend(0, words.lanewise(LSHR, 16).compare(LT, threshold)).intoArray(kept, at + 16);
  }

  /// v where an element is kept, else 0.
  static FloatVector apply(FloatVector v, int[] kept, int at) {
    return v.reinterpretAsInts().and(IntVector.fromArray(Lanes.I, kept, at)).reinterpretAsFloats();
  }
}
