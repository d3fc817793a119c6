package dev.quintet.core.cpu.lane;

import dev.quintet.core.cpu.work.CpuChoice;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The vector shape of this JVM, and the only way to add lanes.
///
/// `reduceLanes(ADD)` adds in an unspecified order, which changes when the method is compiled. [#sum] adds in one fixed
/// tree and gives the same bits interpreted and compiled; no other class may call `reduceLanes`.
///
/// A method with more than some fifteen vectors calls the Vector API itself and not the shorthands here: the API's
/// methods are always inlined, ours only until the compiled method has 18,000 nodes (NodeCountInliningCutoff), and what
/// is not inlined turns vectors into objects, ten times slower.
public final class Lanes {
  /// The shape of float32 vectors: 8 or 16 lanes.
  public static final VectorSpecies<Float> F =
      CpuChoice.chosen().bits() == 512 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_256;

  /// The shape of int32 vectors of as many lanes.
  public static final VectorSpecies<Integer> I =
      CpuChoice.chosen().bits() == 512 ? IntVector.SPECIES_512 : IntVector.SPECIES_256;

  /// The number of lanes, 8 or 16.
  public static final int N = F.length();

  /// The byte order of memory.
  public static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);

  private Lanes() {}

  /// The sum of all lanes, in one fixed tree.
  public static float sum(FloatVector v) {
    if (N == 16) {
      v = v.add(v.rearrange(BY_8));
    }
    v = v.add(v.rearrange(BY_4));
    v = v.add(v.rearrange(BY_2));
    return v.lane(0) + v.lane(1);
  }

  /// The largest lane; NaN if one is NaN.
  public static float max(FloatVector v) {
    return v.reduceLanes(VectorOperators.MAX);
  }

  /// The smallest lane; NaN if one is NaN.
  static float min(FloatVector v) {
    return v.reduceLanes(VectorOperators.MIN);
  }

  /// All lanes 0.
  public static FloatVector zero() {
    return FloatVector.zero(F);
  }

  /// All lanes `value`.
  public static FloatVector all(float value) {
    return FloatVector.broadcast(F, value);
  }

  /// The lanes from element `index` on.
  public static FloatVector load(MemorySegment segment, long index) {
    return FloatVector.fromMemorySegment(F, segment, index << 2, ORDER);
  }

  /// The first lanes of `mask` from element `index` on; the others are 0.
  public static FloatVector load(MemorySegment segment, long index, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(F, segment, index << 2, ORDER, mask);
  }

  /// Stores all lanes from element `index` on.
  public static void store(FloatVector v, MemorySegment segment, long index) {
    v.intoMemorySegment(segment, index << 2, ORDER);
  }

  /// Stores the lanes of `mask` from element `index` on.
  public static void store(
      FloatVector v, MemorySegment segment, long index, VectorMask<Float> mask) {
    v.intoMemorySegment(segment, index << 2, ORDER, mask);
  }

  /// The mask of the first `count` lanes.
  public static VectorMask<Float> first(int count) {
    return F.indexInRange(0, count);
  }

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(F, i -> i ^ (by & (N - 1)));
  }
}
