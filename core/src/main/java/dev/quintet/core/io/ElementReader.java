package dev.quintet.core.io;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Gives the elements of a file as F32 or I32.
///
/// Work goes through small heap arrays: plain loops over arrays vectorise, whatever kinds of
/// segment come in.
final class ElementReader {
  private static final int CHUNK = 4096;
  private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private ElementReader() {}

  /// Converts `count` elements from element `first` of the source into the array's beginning.
  private interface Chunk<A> {
    void read(long first, int count, A into);
  }

  static void floats(SafetensorsFile file, String name, MemorySegment to, boolean rounding) {
    TensorEntry entry = checked(file, name, to);
    switch (entry.type()) {
      case F32, F16, BF16 -> FloatElements.read(entry.type(), file.segment(name), to);
      case F64 -> {
        if (!rounding) {
          throw unreadable(file, entry, "as F32 without loss; readRoundedFloats rounds it");
        }
        FloatElements.read(entry.type(), file.segment(name), to);
      }
      case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 ->
          throw unreadable(file, entry, "as floats; readInts reads integers");
      case F4, F6_E2M3, F6_E3M2, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, C64 ->
          throw unreadable(file, entry, "as numbers; segment gives its bytes");
    }
  }

  static void ints(SafetensorsFile file, String name, MemorySegment to) {
    TensorEntry entry = checked(file, name, to);
    MemorySegment from = file.segment(name);
    switch (entry.type()) {
      case BOOL -> eachInts(entry, to, bytes(from, b -> b == 0 ? 0 : 1));
      case U8 -> eachInts(entry, to, bytes(from, b -> b & 0xFF));
      case I8 -> eachInts(entry, to, bytes(from, b -> b));
      case I16 -> eachInts(entry, to, shorts(from, s -> s));
      case U16 -> eachInts(entry, to, shorts(from, s -> s & 0xFFFF));
      case I32 ->
          eachInts(
              entry,
              to,
              (first, count, into) -> MemorySegment.copy(from, INT, first << 2, into, 0, count));
      case U32 ->
          eachInts(
              entry,
              to,
              (first, count, into) -> {
                MemorySegment.copy(from, INT, first << 2, into, 0, count);
                for (int i = 0; i < count; i++) {
                  narrow(file, entry, first + i, into[i] & 0xFFFFFFFFL);
                }
              });
      case I64 -> eachInts(entry, to, longs(file, entry, from));
      case U64 -> eachInts(entry, to, longs(file, entry, from));
      case F16, BF16, F32, F64 ->
          throw unreadable(file, entry, "as integers; readFloats reads floats");
      case F4, F6_E2M3, F6_E3M2, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, C64 ->
          throw unreadable(file, entry, "as numbers; segment gives its bytes");
    }
  }

  static int arrayLength(SafetensorsFile file, String name) {
    TensorEntry entry = file.entry(name);
    // The largest array a JVM is sure to give.
    if (entry.elements() > Integer.MAX_VALUE - 8) {
      throw unreadable(file, entry, "into one array; read it into a memory segment");
    }
    return (int) entry.elements();
  }

  private static void eachInts(TensorEntry entry, MemorySegment to, Chunk<int[]> chunk) {
    int[] values = new int[(int) Math.min(CHUNK, entry.elements())];
    for (long first = 0; first < entry.elements(); first += CHUNK) {
      int count = (int) Math.min(CHUNK, entry.elements() - first);
      chunk.read(first, count, values);
      MemorySegment.copy(values, 0, to, JAVA_INT_UNALIGNED, first << 2, count);
    }
  }

  private interface ByteToInt {
    int widen(byte value);
  }

  private static Chunk<int[]> bytes(MemorySegment from, ByteToInt widening) {
    byte[] raw = new byte[CHUNK];
    return (first, count, into) -> {
      MemorySegment.copy(from, JAVA_BYTE, first, raw, 0, count);
      for (int i = 0; i < count; i++) {
        into[i] = widening.widen(raw[i]);
      }
    };
  }

  private interface ShortToInt {
    int widen(short value);
  }

  private static Chunk<int[]> shorts(MemorySegment from, ShortToInt widening) {
    short[] raw = new short[CHUNK];
    return (first, count, into) -> {
      MemorySegment.copy(from, SHORT, first << 1, raw, 0, count);
      for (int i = 0; i < count; i++) {
        into[i] = widening.widen(raw[i]);
      }
    };
  }

  // U64 may share this: what passes 2^63 - 1 looks negative, and a negative U64 does not fit
  // either.
  private static Chunk<int[]> longs(SafetensorsFile file, TensorEntry entry, MemorySegment from) {
    long[] raw = new long[CHUNK];
    return (first, count, into) -> {
      MemorySegment.copy(from, LONG, first << 3, raw, 0, count);
      for (int i = 0; i < count; i++) {
        into[i] = narrow(file, entry, first + i, raw[i]);
      }
    };
  }

  private static int narrow(SafetensorsFile file, TensorEntry entry, long index, long value) {
    boolean unsigned = entry.type() == SafetensorsType.U64;
    if ((int) value != value || (unsigned && value < 0)) {
      throw unreadable(
          file,
          entry,
          "as I32: element "
              + index
              + " is "
              + (unsigned ? Long.toUnsignedString(value) : Long.toString(value))
              + ", outside -2147483648..2147483647");
    }
    return (int) value;
  }

  private static TensorEntry checked(SafetensorsFile file, String name, MemorySegment to) {
    TensorEntry entry = file.entry(name);
    if (to.byteSize() >>> 2 != entry.elements() || (to.byteSize() & 3) != 0) {
      throw new IllegalArgumentException(
          "reading tensor "
              + entry
              + " of "
              + file.path()
              + " takes a destination of "
              + entry.elements()
              + " x 4 bytes, but got "
              + to.byteSize()
              + " bytes");
    }
    return entry;
  }

  private static IllegalArgumentException unreadable(
      SafetensorsFile file, TensorEntry entry, String how) {
    return new IllegalArgumentException(
        "tensor " + entry + " of " + file.path() + " cannot be read " + how);
  }
}
