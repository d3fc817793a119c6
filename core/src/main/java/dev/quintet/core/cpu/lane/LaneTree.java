package dev.quintet.core.cpu.lane;

import static dev.quintet.core.cpu.lane.LaneSwaps.SWAP_1;
import static dev.quintet.core.cpu.lane.LaneSwaps.SWAP_2;
import static dev.quintet.core.cpu.lane.LaneSwaps.SWAP_4;
import static dev.quintet.core.cpu.lane.LaneSwaps.SWAP_8;
import static dev.quintet.core.cpu.lane.LaneSwaps.UPPER_1;
import static dev.quintet.core.cpu.lane.LaneSwaps.UPPER_2;
import static dev.quintet.core.cpu.lane.LaneSwaps.UPPER_4;
import static dev.quintet.core.cpu.lane.LaneSwaps.UPPER_8;
import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;

import jdk.incubator.vector.FloatVector;

/// The sums of the lanes of as many vectors as a vector has lanes, all together: the additions of [Lanes#sum], and so its
/// bits, for a third of the instructions.
///
/// Two vectors become one in each step: half of the lanes of one beside half of the lanes of the other, plus the other
/// halves.
public final class LaneTree {
  private LaneTree() {}

  /// Replaces N vectors, one behind the other, by one, whose lane i is the sum of vector i; it stands first.
  public static void sums(float[] vectors, int at) {
    FloatVector a0 = half(vectors, at);
    FloatVector a1 = half(vectors, at + N);
    FloatVector a2 = half(vectors, at + 2 * N);
    FloatVector a3 = half(vectors, at + 3 * N);
    FloatVector b0 = half(vectors, at + 4 * N);
    FloatVector b1 = half(vectors, at + 5 * N);
    FloatVector b2 = half(vectors, at + 6 * N);
    FloatVector b3 = half(vectors, at + 7 * N);
    a0 = a0.blend(b0, UPPER_4).add(b0.blend(a0, UPPER_4).rearrange(SWAP_4));
    a1 = a1.blend(b1, UPPER_4).add(b1.blend(a1, UPPER_4).rearrange(SWAP_4));
    a2 = a2.blend(b2, UPPER_4).add(b2.blend(a2, UPPER_4).rearrange(SWAP_4));
    a3 = a3.blend(b3, UPPER_4).add(b3.blend(a3, UPPER_4).rearrange(SWAP_4));
    a0 = a0.blend(a2, UPPER_2).add(a2.blend(a0, UPPER_2).rearrange(SWAP_2));
    a1 = a1.blend(a3, UPPER_2).add(a3.blend(a1, UPPER_2).rearrange(SWAP_2));
    a0.blend(a1, UPPER_1).add(a1.blend(a0, UPPER_1).rearrange(SWAP_1)).intoArray(vectors, at);
  }

  /// A vector; of sixteen lanes what it and the one that stands eight behind it become.
  private static FloatVector half(float[] vectors, int at) {
    FloatVector a = FloatVector.fromArray(F, vectors, at);
    if (N < 16) {
      return a;
    }
    FloatVector b = FloatVector.fromArray(F, vectors, at + 8 * N);
    return a.blend(b, UPPER_8).add(b.blend(a, UPPER_8).rearrange(SWAP_8));
  }
}
