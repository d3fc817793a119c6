package dev.quintet.core.io;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FloatElementsTest {

  @Test
  void worksOnSegmentsOfTheCallersThreadOnBothSidesOfTheSizeAtWhichThreadsShareTheWork() {
    for (int count : new int[] {(1 << 20) - 1, 1 << 20, (1 << 20) + 1}) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = i % 2003 - 1001;
      }
      try (Arena arena = Arena.ofConfined()) {
        for (SafetensorsType type : FloatElements.TYPES) {
          MemorySegment stored = arena.allocate(type.bytes(count));
          MemorySegment floats = arena.allocateFrom(JAVA_FLOAT, values);
          FloatElements.write(type, floats, stored);
          floats.fill((byte) 0);
          FloatElements.read(type, stored, floats);
          float[] back = floats.toArray(JAVA_FLOAT);
          if (type == SafetensorsType.BF16) {
            assertEquals(values[count - 1], back[count - 1], 4);
          } else {
            assertArrayEquals(values, back);
          }
        }
      }
    }
  }

  @Test
  void saysWhichValueDoesNotFitWhetherOneThreadWorksOrMany() {
    for (int count : new int[] {3, (1 << 20) + 3}) {
      float[] values = new float[count];
      values[count - 2] = 70_000;
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  FloatElements.write(
                      SafetensorsType.F16,
                      MemorySegment.ofArray(values),
                      MemorySegment.ofArray(new short[count])));
      assertTrue(error.getMessage().startsWith("the value 70000.0 is beyond F16"));
    }
  }

  @Test
  void roundsToTheNearestBrainHalfWithTiesToEven() {
    assertEquals(0x3f80, brainHalf(1));
    assertEquals(0x3f80, brainHalf(Float.intBitsToFloat(0x3f808000)));
    assertEquals(0x3f82, brainHalf(Float.intBitsToFloat(0x3f818000)));
    assertEquals(0x3f81, brainHalf(Float.intBitsToFloat(0x3f808001)));
    assertEquals(0x7f80, brainHalf(Float.MAX_VALUE));
    assertEquals(0xff80, brainHalf(Float.NEGATIVE_INFINITY));
    assertEquals(0x8000, brainHalf(-0f));
    assertEquals(0x7fc0, brainHalf(Float.intBitsToFloat(0x7f800001)) & 0x7fc0);
  }

  @Test
  void everyHalfComesBackAsItWas() {
    short[] halves = new short[1 << 16];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = (short) i;
    }
    for (SafetensorsType type : new SafetensorsType[] {SafetensorsType.F16, SafetensorsType.BF16}) {
      int infinity = type == SafetensorsType.F16 ? 0x7c00 : 0x7f80;
      float[] floats = new float[halves.length];
      short[] back = new short[halves.length];
      FloatElements.read(type, MemorySegment.ofArray(halves), MemorySegment.ofArray(floats));
      FloatElements.write(type, MemorySegment.ofArray(floats), MemorySegment.ofArray(back));
      for (int i = 0; i < halves.length; i++) {
        if ((i & 0x7fff) <= infinity) {
          assertEquals(halves[i], back[i], type + " " + i);
        }
      }
    }
  }

  @Test
  void severalThreadsConvertLikeOne() {
    float[] values = new float[2_500_001];
    var random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    byte[] doubles = new byte[8 * values.length];
    FloatElements.write(
        SafetensorsType.F64, MemorySegment.ofArray(values), MemorySegment.ofArray(doubles));
    float[] back = new float[values.length];
    FloatElements.read(
        SafetensorsType.F64, MemorySegment.ofArray(doubles), MemorySegment.ofArray(back));
    assertArrayEquals(values, back);
  }

  @Test
  void refusesOtherTypesSizesAndRanges() {
    MemorySegment four = MemorySegment.ofArray(new float[1]);
    MemorySegment two = MemorySegment.ofArray(new short[1]);
    assertThrows(
        IllegalArgumentException.class, () -> FloatElements.read(SafetensorsType.I32, four, four));
    assertThrows(
        IllegalArgumentException.class, () -> FloatElements.read(SafetensorsType.F32, two, four));
    MemorySegment large = MemorySegment.ofArray(new float[] {65520});
    assertThrows(
        IllegalArgumentException.class, () -> FloatElements.write(SafetensorsType.F16, large, two));
  }

  private static int brainHalf(float value) {
    short[] half = new short[1];
    FloatElements.write(
        SafetensorsType.BF16,
        MemorySegment.ofArray(new float[] {value}),
        MemorySegment.ofArray(half));
    return half[0] & 0xFFFF;
  }
}
