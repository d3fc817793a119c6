package dev.quintet.core.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FloatElementsTest {

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
