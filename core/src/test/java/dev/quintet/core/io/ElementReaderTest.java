package dev.quintet.core.io;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElementReaderTest {
  @TempDir Path folder;

  private SafetensorsFile file(SafetensorsType type, Object array, int count) {
    var bytes =
        switch (array) {
          case byte[] a -> MemorySegment.ofArray(a);
          case short[] a -> MemorySegment.ofArray(a);
          case int[] a -> MemorySegment.ofArray(a);
          case long[] a -> MemorySegment.ofArray(a);
          case float[] a -> MemorySegment.ofArray(a);
          case double[] a -> MemorySegment.ofArray(a);
          default -> throw new IllegalArgumentException();
        };
    Path path = folder.resolve(type + ".safetensors");
    SafetensorsWriter.write(
        path, Map.of("some.name", new TensorData(type, Shape.of(count), bytes)));
    return SafetensorsFile.open(path);
  }

  private void refusesInts(SafetensorsType type, long[] values, String... words) {
    try (var file = file(type, values, values.length)) {
      var e = assertThrows(IllegalArgumentException.class, () -> file.ints("some.name"));
      for (String word : words) {
        assertTrue(e.getMessage().contains(word), e.getMessage());
      }
    }
  }

  @Test
  void everyHalfPrecisionNumberWidensExactly() {
    short[] all = new short[1 << 16];
    for (int i = 0; i < all.length; i++) {
      all[i] = (short) i;
    }
    try (var half = file(SafetensorsType.F16, all, all.length);
        var brain = file(SafetensorsType.BF16, all, all.length)) {
      float[] halves = half.floats("some.name");
      float[] brains = brain.floats("some.name");
      for (int i = 0; i < all.length; i++) {
        assertEquals(Float.float16ToFloat((short) i), halves[i]);
        assertEquals(i << 16, Float.floatToRawIntBits(brains[i]));
      }
      assertEquals(0x1p-24f, halves[1]);
      assertEquals(65504f, halves[0x7BFF]);
      assertEquals(Float.NEGATIVE_INFINITY, halves[0xFC00]);
    }
  }

  @Test
  void floatsKeepTheirBitsEvenOfNan() throws IOException {
    int[] bits = {0x7FA00001, 0xFFC12345, 0x80000000, 0x7F800000, 1};
    Path path = folder.resolve("bits.safetensors");
    SafetensorsWriter.write(
        path,
        Map.of("t", new TensorData(SafetensorsType.F32, Shape.of(5), MemorySegment.ofArray(bits))));
    try (var file = SafetensorsFile.open(path);
        var arena = Arena.ofConfined()) {
      var to = arena.allocate(20);
      file.readFloats("t", to);
      assertArrayEquals(bits, to.toArray(JAVA_INT));
    }
  }

  @Test
  void doublesAreRoundedOnlyWhenAsked() {
    try (var file = file(SafetensorsType.F64, new double[] {0.1, 1e300, -2}, 3);
        var arena = Arena.ofConfined()) {
      var to = arena.allocate(12);
      var e = assertThrows(IllegalArgumentException.class, () -> file.readFloats("some.name", to));
      assertTrue(e.getMessage().contains("readRoundedFloats"), e.getMessage());
      file.readRoundedFloats("some.name", to);
      assertArrayEquals(new float[] {0.1f, Float.POSITIVE_INFINITY, -2}, to.toArray(JAVA_FLOAT));
    }
  }

  @Test
  void narrowIntegersWidenByTheirSign() {
    try (var i8 = file(SafetensorsType.I8, new byte[] {-1, 127, -128}, 3);
        var u8 = file(SafetensorsType.U8, new byte[] {-1, 127, -128}, 3);
        var bool = file(SafetensorsType.BOOL, new byte[] {0, 1, 2}, 3);
        var i16 = file(SafetensorsType.I16, new short[] {-1, Short.MIN_VALUE}, 2);
        var u16 = file(SafetensorsType.U16, new short[] {-1, Short.MIN_VALUE}, 2);
        var i32 = file(SafetensorsType.I32, new int[] {-1, Integer.MIN_VALUE}, 2)) {
      assertArrayEquals(new int[] {-1, 127, -128}, i8.ints("some.name"));
      assertArrayEquals(new int[] {255, 127, 128}, u8.ints("some.name"));
      assertArrayEquals(new int[] {0, 1, 1}, bool.ints("some.name"));
      assertArrayEquals(new int[] {-1, -32768}, i16.ints("some.name"));
      assertArrayEquals(new int[] {65535, 32768}, u16.ints("some.name"));
      assertArrayEquals(new int[] {-1, Integer.MIN_VALUE}, i32.ints("some.name"));
    }
  }

  @Test
  void wideIntegersNarrowWhenTheyFit() {
    long[] values = new long[10_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 2 == 0 ? Integer.MAX_VALUE - i : Integer.MIN_VALUE + i;
    }
    try (var file = file(SafetensorsType.I64, values, values.length)) {
      int[] ints = file.ints("some.name");
      for (int i = 0; i < values.length; i++) {
        assertEquals(values[i], ints[i]);
      }
    }
    try (var file = file(SafetensorsType.U32, new int[] {0, Integer.MAX_VALUE}, 2)) {
      assertArrayEquals(new int[] {0, Integer.MAX_VALUE}, file.ints("some.name"));
    }
  }

  @Test
  void namesTheElementThatDoesNotFit() {
    long[] values = new long[9000];
    values[8192 + 5] = 1L << 31;
    refusesInts(SafetensorsType.I64, values, "some.name", "element 8197 is 2147483648", "I32");
    refusesInts(
        SafetensorsType.I64, new long[] {0, Integer.MIN_VALUE - 1L}, "element 1 is -2147483649");
    refusesInts(SafetensorsType.U64, new long[] {-1}, "element 0 is 18446744073709551615");
    try (var file = file(SafetensorsType.U32, new int[] {0, -1}, 2)) {
      var e = assertThrows(IllegalArgumentException.class, () -> file.ints("some.name"));
      assertTrue(e.getMessage().contains("element 1 is 4294967295"), e.getMessage());
    }
  }

  @Test
  void everyTypeIsReadOrRefusedInWords() {
    for (var type : SafetensorsType.values()) {
      try (var file = file(type, new byte[type.bits()], 8)) {
        int read = 0;
        try {
          read += file.floats("some.name").length;
        } catch (IllegalArgumentException e) {
          assertTrue(e.getMessage().contains("some.name " + type), e.getMessage());
        }
        try {
          read += file.ints("some.name").length;
        } catch (IllegalArgumentException e) {
          assertTrue(e.getMessage().contains("some.name " + type), e.getMessage());
        }
        boolean number = !type.name().matches("F4|F6_.*|F8_.*|C64");
        assertEquals(number ? 8 : 0, read, type.name());
      }
    }
  }

  @Test
  void refusesADestinationOfAnotherSize() {
    try (var file = file(SafetensorsType.F32, new float[] {1, 2}, 2);
        var arena = Arena.ofConfined()) {
      for (int size : new int[] {0, 4, 7, 9, 12}) {
        var to = arena.allocate(size);
        assertThrows(IllegalArgumentException.class, () -> file.readFloats("some.name", to));
        assertThrows(IllegalArgumentException.class, () -> file.readInts("some.name", to));
      }
    }
  }

  @Test
  void readsTensorsThatLieUnaligned() throws IOException {
    // Not from a writer that pads: an odd header, then one byte before the floats.
    String header =
        "{"
            + SafetensorsBytes.tensor("b", "U8", "[1]", 0, 1)
            + ","
            + SafetensorsBytes.tensor("f", "F32", "[2]", 1, 9)
            + ","
            + SafetensorsBytes.tensor("i", "I64", "[1]", 9, 17)
            + "} ";
    byte[] bytes = SafetensorsBytes.of(header, 17);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(8 + header.length() + 1, 1.5f)
        .putFloat(8 + header.length() + 5, -3f)
        .putLong(8 + header.length() + 9, -7);
    Path path = Files.write(folder.resolve("odd.safetensors"), bytes);
    try (var file = SafetensorsFile.open(path)) {
      assertArrayEquals(new float[] {1.5f, -3f}, file.floats("f"));
      assertArrayEquals(new int[] {-7}, file.ints("i"));
    }
  }
}
