package dev.quintet.core.cpu.lane;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Conversions between BF16 and float32.
public final class CastLoops {
  private static final VectorSpecies<Short> S =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));

  private CastLoops() {}

  /// BF16 to float32.
  public static void widen(long source, long target, int n) {
    MemorySegment x = Native.bytes(source, 2L * n);
    MemorySegment y = Native.floats(target, n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      var bits =
          (IntVector)
              ShortVector.fromMemorySegment(S, x, 2L * i, Lanes.ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_S2I, Lanes.I, 0);
      bits.lanewise(VectorOperators.LSHL, 16).intoMemorySegment(y, 4L * i, Lanes.ORDER);
    }
    for (; i < n; i++) {
      y.setAtIndex(JAVA_INT_UNALIGNED, i, x.getAtIndex(JAVA_SHORT_UNALIGNED, i) << 16);
    }
  }

  /// Float32 to BF16: to nearest, ties to even; a NaN keeps its sign and becomes quiet.
  public static void narrow(long source, long target, int n) {
    MemorySegment x = Native.floats(source, n);
    MemorySegment y = Native.bytes(target, 2L * n);
    int i = 0;
    for (; i <= n - Lanes.N; i += Lanes.N) {
      IntVector bits = IntVector.fromMemorySegment(Lanes.I, x, 4L * i, Lanes.ORDER);
      IntVector high = bits.lanewise(VectorOperators.LSHR, 16);
      IntVector rounded = bits.add(high.and(1).add(0x7fff)).lanewise(VectorOperators.LSHR, 16);
      var nan = bits.and(Integer.MAX_VALUE).compare(VectorOperators.GT, 0x7f800000);
      rounded
          .blend(high.or(0x40), nan)
          .convertShape(VectorOperators.I2S, S, 0)
          .intoMemorySegment(y, 2L * i, Lanes.ORDER);
    }
    for (; i < n; i++) {
      int bits = x.getAtIndex(JAVA_INT_UNALIGNED, i);
      int high = bits >>> 16;
      boolean nan = (bits & Integer.MAX_VALUE) > 0x7f800000;
      int rounded = nan ? high | 0x40 : bits + 0x7fff + (high & 1) >>> 16;
      y.setAtIndex(JAVA_SHORT_UNALIGNED, i, (short) rounded);
    }
  }
}
