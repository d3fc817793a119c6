package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Operands in a backend's memory, released at the end.
///
/// An operand lies between guards of 64 bytes and more, all bits of which are set: a NaN as float32
/// and -1 as int32. Its address is a multiple of the element's size and, by turns, of nothing else.
final class Buffers implements AutoCloseable {
  private static final int GUARD = 64;

  private record Block(long base, long total, long address, long bytes) {}

  private final Memory memory;
  private final boolean aligned;
  private final List<Block> blocks = new ArrayList<>();

  Buffers(Backend backend) {
    this(backend, false);
  }

  private Buffers(Backend backend, boolean aligned) {
    this.memory = backend.memory();
    this.aligned = aligned;
  }

  /// Operands that all begin where a block of memory might, as tensors do.
  static Buffers aligned(Backend backend) {
    return new Buffers(backend, true);
  }

  /// Has the next operand begin at a multiple of 16 bytes, as those do that widest loads take.
  Buffers aligned() {
    while (blocks.size() % 3 != 0) {
      block(0, 1);
    }
    return this;
  }

  /// The address of a copy of these elements.
  long put(float... values) {
    return put(MemorySegment.ofArray(values), 4);
  }

  /// The address of a copy of these elements, as float32 or rounded to bfloat16.
  long put(DType type, float... values) {
    return type == DType.F32 ? put(values) : put(Values.bfloat16(values));
  }

  /// The address of these elements, rounded to float32.
  long put(double... values) {
    return put(Values.floats(values));
  }

  /// The address of a copy of these elements.
  long put(int... values) {
    return put(MemorySegment.ofArray(values), 4);
  }

  /// The address of a copy of these elements.
  long put(long... values) {
    return put(MemorySegment.ofArray(values), 8);
  }

  /// The address of a copy of these elements.
  long put(short... values) {
    return put(MemorySegment.ofArray(values), 2);
  }

  /// The address of a copy of these elements.
  long put(byte... values) {
    return put(MemorySegment.ofArray(values), 1);
  }

  /// The address of one float64.
  long putDouble(double value) {
    return put(MemorySegment.ofArray(new double[] {value}), 8);
  }

  /// The address of 4-byte elements that are all NaN: an output that may hold anything before.
  long blank(long count) {
    return block(4 * count, 4);
  }

  /// The address of elements that are all NaN.
  long blank(DType type, long count) {
    return block(type.bytes(count), type.bytes());
  }

  /// The address of 1-byte elements that are all 255.
  long blankBytes(long count) {
    return block(count, 1);
  }

  /// The address of 2-byte elements that are all 65535.
  long blankShorts(long count) {
    return block(2 * count, 2);
  }

  /// The address of one float64 that is NaN.
  long blankDouble() {
    return block(8, 8);
  }

  float[] read(long address, long count) {
    float[] values = new float[Math.toIntExact(count)];
    memory.read(address, MemorySegment.ofArray(values), 4 * count);
    return values;
  }

  /// Elements of float32 or bfloat16.
  float[] read(DType type, long address, long count) {
    return type == DType.F32 ? read(address, count) : Values.widened(readShorts(address, count));
  }

  int[] readInts(long address, long count) {
    int[] values = new int[Math.toIntExact(count)];
    memory.read(address, MemorySegment.ofArray(values), 4 * count);
    return values;
  }

  short[] readShorts(long address, long count) {
    short[] values = new short[Math.toIntExact(count)];
    memory.read(address, MemorySegment.ofArray(values), 2 * count);
    return values;
  }

  byte[] readBytes(long address, long count) {
    byte[] values = new byte[Math.toIntExact(count)];
    memory.read(address, MemorySegment.ofArray(values), count);
    return values;
  }

  double readDouble(long address) {
    double[] value = new double[1];
    memory.read(address, MemorySegment.ofArray(value), 8);
    return value[0];
  }

  @Override
  public void close() {
    for (Block block : blocks.reversed()) {
      assertGuard("before", block.base, block.address - block.base);
      long end = block.address + block.bytes;
      assertGuard("behind", end, block.base + block.total - end);
      memory.release(block.base, block.total);
    }
    blocks.clear();
  }

  private long put(MemorySegment values, int elementBytes) {
    long address = block(values.byteSize(), elementBytes);
    memory.write(values, address, values.byteSize());
    return address;
  }

  private long block(long bytes, int elementBytes) {
    int shift = aligned ? 0 : blocks.size() % 3 * 5 * elementBytes;
    long total = GUARD + shift + bytes + GUARD;
    long base = memory.allocate(total);
    byte[] ones = new byte[Math.toIntExact(total)];
    Arrays.fill(ones, (byte) -1);
    memory.write(MemorySegment.ofArray(ones), base, total);
    blocks.add(new Block(base, total, base + GUARD + shift, bytes));
    return base + GUARD + shift;
  }

  private void assertGuard(String where, long address, long bytes) {
    byte[] guard = readBytes(address, bytes);
    for (int i = 0; i < guard.length; i++) {
      assertEquals(-1, guard[i], "a kernel wrote " + where + " its operand, byte " + i);
    }
  }
}
