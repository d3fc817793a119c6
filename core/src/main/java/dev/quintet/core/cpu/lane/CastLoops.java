package dev.quintet.core.cpu.lane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Conversions between element types.
public final class CastLoops {
  private static final VectorSpecies<Short> S =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));

  private CastLoops() {}

  /// Refuses pairs that have no conversion.
  ///
  /// @throws IllegalArgumentException if there is none
  public static void check(DType from, DType to) {
    boolean known =
        switch (from) {
          case F32 -> to == DType.BF16 || to == DType.I32;
          case BF16 -> to == DType.F32;
          case I32 -> to == DType.F32;
          case U8, BOOL -> to == DType.F32 || to == DType.I32;
        };
    if (!known) {
      throw new IllegalArgumentException("cast: no conversion from " + from + " to " + to);
    }
  }

  /// Converts `n` elements of a pair that [#check] knows.
  public static void cast(DType from, DType to, long source, long target, int n) {
    switch (from) {
      case F32 -> {
        if (to == DType.BF16) {
          narrow(source, target, n);
        } else {
          toIntegers(source, target, n);
        }
      }
      case BF16 -> widen(source, target, n);
      case I32 -> toFloats(source, target, n);
      case U8, BOOL -> {
        if (to == DType.F32) {
          bytesToFloats(source, target, n);
        } else {
          bytesToIntegers(source, target, n);
        }
      }
    }
  }

  private static void widen(long source, long target, int n) {
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

  /// To nearest, ties to even; a NaN keeps its sign and becomes quiet.
  private static void narrow(long source, long target, int n) {
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

  private static void toIntegers(long source, long target, int n) {
    MemorySegment x = Native.floats(source, n);
    MemorySegment y = Native.floats(target, n);
    for (int i = 0; i < n; i++) {
      y.setAtIndex(JAVA_INT_UNALIGNED, i, (int) x.getAtIndex(JAVA_FLOAT_UNALIGNED, i));
    }
  }

  private static void toFloats(long source, long target, int n) {
    MemorySegment x = Native.floats(source, n);
    MemorySegment y = Native.floats(target, n);
    for (int i = 0; i < n; i++) {
      y.setAtIndex(JAVA_FLOAT_UNALIGNED, i, (float) x.getAtIndex(JAVA_INT_UNALIGNED, i));
    }
  }

  private static void bytesToFloats(long source, long target, int n) {
    MemorySegment x = Native.bytes(source, n);
    MemorySegment y = Native.floats(target, n);
    for (int i = 0; i < n; i++) {
      y.setAtIndex(JAVA_FLOAT_UNALIGNED, i, (float) (x.get(JAVA_BYTE, i) & 0xff));
    }
  }

  private static void bytesToIntegers(long source, long target, int n) {
    MemorySegment x = Native.bytes(source, n);
    MemorySegment y = Native.floats(target, n);
    for (int i = 0; i < n; i++) {
      y.setAtIndex(JAVA_INT_UNALIGNED, i, x.get(JAVA_BYTE, i) & 0xff);
    }
  }
}
