package dev.quintet.core.cpu.scalar;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quintet.core.backend.LayoutKernels;
import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;
import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Copies, fills, casts, gathers and scatters without the Vector API.
public final class ScalarLayout implements LayoutKernels {

  @Override
  public void copy(StridedCopy copy, int elementBytes, long source, long target) {
    int last = copy.sizes().length - 1;
    int width = copy.sizes()[last];
    long rows = 1;
    for (int axis = 0; axis < last; axis++) {
      rows *= copy.sizes()[axis];
    }
    if (rows == 0 || width == 0) {
      return;
    }
    long from = copy.sourceStrides()[last];
    long to = copy.targetStrides()[last];
    Cuts.items(
        rows,
        width,
        (first, many) -> {
          for (long row = first; row < first + many; row++) {
            long in = source + elementBytes * offset(copy, copy.sourceStrides(), row);
            long out = target + elementBytes * offset(copy, copy.targetStrides(), row);
            if (from == 1 && to == 1) {
              long bytes = (long) width * elementBytes;
              MemorySegment.copy(Native.bytes(in, bytes), 0, Native.bytes(out, bytes), 0, bytes);
            } else {
              copyRow(width, elementBytes, in, from, out, to);
            }
          }
        });
  }

  @Override
  public void fill(float value, long target, long count) {
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] values = Workspace.floats(0, n);
          Arrays.fill(values, 0, n, value);
          ScalarScratch.store(values, Native.at(target, from), n);
        });
  }

  @Override
  public void cast(DType from, DType to, long source, long target, long count) {
    ScalarScratch.Chunk chunk =
        switch (from) {
          case F32 ->
              switch (to) {
                case BF16 -> (at, n) -> narrow(Native.at(source, at), target + 2 * at, n);
                case I32 -> (at, n) -> truncate(Native.at(source, at), Native.at(target, at), n);
                case F32, U8, BOOL -> throw refused(from, to);
              };
          case BF16 ->
              switch (to) {
                case F32 -> (at, n) -> widen(source + 2 * at, Native.at(target, at), n);
                case BF16, I32, U8, BOOL -> throw refused(from, to);
              };
          case I32 ->
              switch (to) {
                case F32 -> (at, n) -> toFloats(Native.at(source, at), Native.at(target, at), n);
                case BF16, I32, U8, BOOL -> throw refused(from, to);
              };
          case U8, BOOL ->
              switch (to) {
                case F32 -> (at, n) -> bytesToFloats(source + at, Native.at(target, at), n);
                case I32 -> (at, n) -> bytesToInts(source + at, Native.at(target, at), n);
                case BF16, U8, BOOL -> throw refused(from, to);
              };
        };
    ScalarScratch.chunks(count, chunk);
  }

  @Override
  public void gather(Gather gather, long x, long index, long y) {
    long rows = gather.outer() * gather.count();
    long inner = gather.inner();
    long bytes = gather.type().bytes(inner);
    Cuts.items(
        rows,
        inner,
        (first, many) -> {
          for (long row = first; row < first + many; row++) {
            long table = row / gather.count() * gather.axis();
            if (gather.elementwise()) {
              long to = Native.at(y, row * inner);
              for (long i = 0; i < inner; i++) {
                long place = table + place(gather, index, row * inner + i);
                ScalarScratch.setInt(
                    Native.at(to, i), ScalarScratch.intAt(Native.at(x, place * inner + i)));
              }
            } else {
              long place = table + place(gather, index, entry(gather, row));
              MemorySegment from = Native.bytes(x + bytes * place, bytes);
              MemorySegment.copy(from, 0, Native.bytes(y + bytes * row, bytes), 0, bytes);
            }
          }
        });
  }

  @Override
  public void scatterAdd(Gather gather, long y, long index, long x) {
    int strip = gather.shared() ? Math.max(1, (gather.axis() + 15) / 16) : gather.axis();
    int strips = strip == 0 ? 0 : (gather.axis() + strip - 1) / strip;
    checkIndices(gather, index);
    // every row of the table belongs to one part, which adds to it in the order of the index
    WorkerPool.shared()
        .run(
            Math.toIntExact(gather.outer() * strips),
            part -> {
              long outer = part / strips;
              int from = part % strips * strip;
              scatter(gather, outer, from, Math.min(gather.axis(), from + strip), y, index, x);
            });
  }

  private static void scatter(
      Gather gather, long outer, int from, int to, long y, long index, long x) {
    long inner = gather.inner();
    for (long row = outer * gather.count(); row < (outer + 1) * gather.count(); row++) {
      if (gather.elementwise()) {
        for (long i = 0; i < inner; i++) {
          int place = place(gather, index, row * inner + i);
          if (place >= from && place < to) {
            long sum = Native.at(x, (outer * gather.axis() + place) * inner + i);
            float summand = ScalarScratch.floatAt(Native.at(y, row * inner + i));
            ScalarScratch.setFloat(sum, ScalarScratch.floatAt(sum) + summand);
          }
        }
        continue;
      }
      int place = place(gather, index, entry(gather, row));
      if (place < from || place >= to) {
        continue;
      }
      long sums = (outer * gather.axis() + place) * inner;
      for (long i = 0; i < inner; i += ScalarScratch.CHUNK) {
        int n = (int) Math.min(ScalarScratch.CHUNK, inner - i);
        float[] summands = load(gather.type(), y, row * inner + i, n);
        ScalarRows.addTo(Native.at(x, sums + i), summands, n, 1);
      }
    }
  }

  private static void checkIndices(Gather gather, long index) {
    long entries = gather.shared() ? gather.count() : gather.outer() * gather.count();
    entries *= gather.elementwise() ? gather.inner() : 1;
    for (long i = 0; i < entries; i++) {
      place(gather, index, i);
    }
  }

  /// The place of the index that row `row` of y is taken by.
  private static long entry(Gather gather, long row) {
    return gather.shared() ? row % gather.count() : row;
  }

  private static int place(Gather gather, long index, long entry) {
    int place = ScalarScratch.intAt(Native.at(index, entry));
    if (place < 0 || place >= gather.axis()) {
      throw new IndexOutOfBoundsException(
          "gather: index "
              + place
              + " at position "
              + entry
              + " is outside a table of "
              + gather.axis()
              + " rows");
    }
    return place;
  }

  private static long offset(StridedCopy copy, long[] strides, long row) {
    long offset = 0;
    long rest = row;
    for (int axis = copy.sizes().length - 2; axis >= 0; axis--) {
      offset += rest % copy.sizes()[axis] * strides[axis];
      rest /= copy.sizes()[axis];
    }
    return offset;
  }

  private static void copyRow(int width, int elementBytes, long in, long from, long out, long to) {
    long last = width - 1L;
    MemorySegment source = Native.bytes(in, (last * from + 1) * elementBytes);
    MemorySegment target = Native.bytes(out, (last * to + 1) * elementBytes);
    switch (elementBytes) {
      case 1 -> {
        for (int i = 0; i < width; i++) {
          target.set(JAVA_BYTE, i * to, source.get(JAVA_BYTE, i * from));
        }
      }
      case 2 -> {
        for (int i = 0; i < width; i++) {
          target.set(
              JAVA_SHORT_UNALIGNED, 2 * i * to, source.get(JAVA_SHORT_UNALIGNED, 2 * i * from));
        }
      }
      case 4 -> {
        for (int i = 0; i < width; i++) {
          target.set(JAVA_INT_UNALIGNED, 4 * i * to, source.get(JAVA_INT_UNALIGNED, 4 * i * from));
        }
      }
      default ->
          throw new IllegalArgumentException(
              "copy: elements have 1, 2 or 4 bytes, not " + elementBytes);
    }
  }

  private static IllegalArgumentException refused(DType from, DType to) {
    return new IllegalArgumentException("cast: there is no conversion from " + from + " to " + to);
  }

  private static void narrow(long source, long target, int n) {
    int[] bits = ScalarScratch.loadInts(source, n);
    MemorySegment out = Native.bytes(target, 2L * n);
    for (int i = 0; i < n; i++) {
      int b = bits[i];
      boolean nan = (b & 0x7FFFFFFF) > 0x7F800000;
      int rounded = nan ? b | 0x00400000 : b + 0x7FFF + (b >>> 16 & 1);
      out.set(JAVA_SHORT_UNALIGNED, 2L * i, (short) (rounded >>> 16));
    }
  }

  private static void widen(long source, long target, int n) {
    ScalarScratch.store(load(DType.BF16, source, 0, n), target, n);
  }

  /// Elements of float32 or bfloat16.
  private static float[] load(DType type, long source, long from, int n) {
    if (type == DType.F32) {
      return ScalarScratch.load(0, Native.at(source, from), n);
    }
    MemorySegment in = Native.bytes(source + type.bytes(from), 2L * n);
    float[] values = Workspace.floats(0, n);
    for (int i = 0; i < n; i++) {
      values[i] = Float.intBitsToFloat(in.get(JAVA_SHORT_UNALIGNED, 2L * i) << 16);
    }
    return values;
  }

  private static void truncate(long source, long target, int n) {
    float[] values = ScalarScratch.load(0, source, n);
    int[] integers = Workspace.ints(n);
    for (int i = 0; i < n; i++) {
      integers[i] = (int) values[i];
    }
    ScalarScratch.store(integers, target, n);
  }

  private static void toFloats(long source, long target, int n) {
    int[] integers = ScalarScratch.loadInts(source, n);
    float[] values = Workspace.floats(0, n);
    for (int i = 0; i < n; i++) {
      values[i] = (float) integers[i];
    }
    ScalarScratch.store(values, target, n);
  }

  private static void bytesToFloats(long source, long target, int n) {
    byte[] bytes = ScalarScratch.loadBytes(source, n);
    float[] values = Workspace.floats(0, n);
    for (int i = 0; i < n; i++) {
      values[i] = bytes[i] & 0xFF;
    }
    ScalarScratch.store(values, target, n);
  }

  private static void bytesToInts(long source, long target, int n) {
    byte[] bytes = ScalarScratch.loadBytes(source, n);
    int[] integers = Workspace.ints(n);
    for (int i = 0; i < n; i++) {
      integers[i] = bytes[i] & 0xFF;
    }
    ScalarScratch.store(integers, target, n);
  }
}
