package dev.quintet.core.io;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.LongStream;

/// Floats of a file's type from and to F32 in memory, large tensors by several threads.
///
/// Work goes through small heap arrays: plain loops over arrays vectorise, whatever kinds of segment come in.
/// Elements are converted one by one, so that neither pieces nor threads change a bit. Segments may be of any
/// arena, also a confined one of the calling thread.
public final class FloatElements {
  /// The types that this class converts.
  public static final Set<SafetensorsType> TYPES =
      Set.copyOf(
          EnumSet.of(
              SafetensorsType.F16, SafetensorsType.BF16, SafetensorsType.F32, SafetensorsType.F64));

  private static final int CHUNK = 4096;
  private static final long PART = 1 << 20;
  private static final Thread ANOTHER = new Thread(() -> {});
  private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE = JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private FloatElements() {}

  /// Converts elements `first` to `first + count` of one segment to the same places of another.
  private interface Chunk {
    void convert(long first, int count, float[] values);
  }

  /// Converts little-endian elements of a file to F32 in the machine's order; F64 is rounded to the nearest.
  ///
  /// @param type one of [#TYPES]
  /// @param to 4 bytes for each element
  /// @throws IllegalArgumentException if the type is another, or the sizes differ
  public static void read(SafetensorsType type, MemorySegment from, MemorySegment to) {
    each(
        elements(type, from, to),
        shared(from) && shared(to),
        (first, count, values) -> {
          switch (type) {
            case F32 -> MemorySegment.copy(from, FLOAT, first << 2, values, 0, count);
            case F64 -> {
              double[] wide = new double[count];
              MemorySegment.copy(from, DOUBLE, first << 3, wide, 0, count);
              for (int i = 0; i < count; i++) {
                values[i] = (float) wide[i];
              }
            }
            case F16 -> {
              short[] halves = new short[count];
              MemorySegment.copy(from, SHORT, first << 1, halves, 0, count);
              for (int i = 0; i < count; i++) {
                values[i] = Float.float16ToFloat(halves[i]);
              }
            }
            case BF16 -> {
              short[] halves = new short[count];
              MemorySegment.copy(from, SHORT, first << 1, halves, 0, count);
              for (int i = 0; i < count; i++) {
                values[i] = Float.intBitsToFloat(halves[i] << 16);
              }
            }
            default -> throw none(type);
          }
          MemorySegment.copy(values, 0, to, JAVA_FLOAT_UNALIGNED, first << 2, count);
        });
  }

  /// Converts F32 in the machine's order to little-endian elements of a file, to the nearest, ties to even.
  ///
  /// @param type one of [#TYPES]
  /// @param from 4 bytes for each element
  /// @throws IllegalArgumentException if the type is another, the sizes differ, or a finite value is beyond F16's range
  public static void write(SafetensorsType type, MemorySegment from, MemorySegment to) {
    each(
        elements(type, to, from),
        shared(from) && shared(to),
        (first, count, values) -> {
          MemorySegment.copy(from, JAVA_FLOAT_UNALIGNED, first << 2, values, 0, count);
          switch (type) {
            case F32 -> MemorySegment.copy(values, 0, to, FLOAT, first << 2, count);
            case F64 -> {
              for (int i = 0; i < count; i++) {
                to.set(DOUBLE, (first + i) << 3, values[i]);
              }
            }
            case F16 -> {
              for (int i = 0; i < count; i++) {
                to.set(SHORT, (first + i) << 1, half(values[i]));
              }
            }
            case BF16 -> {
              for (int i = 0; i < count; i++) {
                to.set(SHORT, (first + i) << 1, brainHalf(values[i]));
              }
            }
            default -> throw none(type);
          }
        });
  }

  private static short half(float value) {
    short half = Float.floatToFloat16(value);
    if ((half & 0x7fff) == 0x7c00 && !Float.isInfinite(value)) {
      throw new IllegalArgumentException(
          "the value " + value + " is beyond F16, which ends at 65504; store BF16 or F32");
    }
    return half;
  }

  private static short brainHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  private static long elements(SafetensorsType type, MemorySegment stored, MemorySegment floats) {
    if (!TYPES.contains(type)) {
      throw none(type);
    }
    long count = floats.byteSize() >>> 2;
    if (floats.byteSize() != 4 * count || stored.byteSize() != type.bytes(count)) {
      throw new IllegalArgumentException(
          stored.byteSize()
              + " bytes of "
              + type
              + " and "
              + floats.byteSize()
              + " bytes of F32 are not as many elements");
    }
    return count;
  }

  private static IllegalArgumentException none(SafetensorsType type) {
    return new IllegalArgumentException(type + " is none of the float types " + TYPES);
  }

  /// A segment of a confined arena is open to its thread alone: then that thread does all the work.
  private static boolean shared(MemorySegment segment) {
    return segment.isAccessibleBy(ANOTHER);
  }

  private static void each(long count, boolean parallel, Chunk chunk) {
    LongStream parts = LongStream.range(0, (count + PART - 1) / PART);
    // a stream would wrap what a part throws: the first part's own exception says what is wrong
    var failures = new ConcurrentSkipListMap<Long, RuntimeException>();
    (count > PART && parallel ? parts.parallel() : parts)
        .forEach(part -> {
          try {
            part(part, count, chunk);
          } catch (RuntimeException e) {
            failures.put(part, e);
          }
        });
    if (!failures.isEmpty()) {
      throw failures.firstEntry().getValue();
    }
  }

  private static void part(long part, long count, Chunk chunk) {
    long end = Math.min(count, (part + 1) * PART);
    float[] values = new float[(int) Math.min(CHUNK, count)];
    for (long first = part * PART; first < end; first += CHUNK) {
      chunk.convert(first, (int) Math.min(CHUNK, end - first), values);
    }
  }
}
