package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoredFormTest {
  @Test
  void int8IsReadBackAsItWasPutIn() {
    var form = new StoredForm(Precision.INT8, 45, 24, 8);
    Random random = new Random(1);
    byte[] numbers = new byte[45 * 24];
    random.nextBytes(numbers);
    float[] scales = Values.normal(random, 45 * 3);
    byte[] block = new byte[(int) form.bytes()];
    form.fill(
        MemorySegment.ofArray(numbers),
        MemorySegment.ofArray(scales),
        MemorySegment.ofArray(block));
    byte[] numbersBack = new byte[numbers.length];
    float[] scalesBack = new float[scales.length];
    form.read(
        MemorySegment.ofArray(block),
        MemorySegment.ofArray(numbersBack),
        MemorySegment.ofArray(scalesBack));
    assertArrayEquals(numbers, numbersBack);
    assertArrayEquals(scales, scalesBack);
  }

  @Test
  void bfloat16IsReadBackRounded() {
    var form = new StoredForm(Precision.BF16, 45, 24, 0);
    float[] values = Values.normal(new Random(2), 45 * 24);
    values[3] = Float.NaN;
    values[4] = Float.POSITIVE_INFINITY;
    values[5] = Float.MAX_VALUE;
    byte[] block = new byte[(int) form.bytes()];
    form.fill(MemorySegment.ofArray(values), MemorySegment.ofArray(block));
    short[] back = new short[values.length];
    form.read(MemorySegment.ofArray(block), MemorySegment.ofArray(back));
    assertArrayEquals(Values.bfloat16(values), back);
  }

  @Test
  void groupsOfZerosAndOfTinyNumbersBecomeZeros() {
    var form = new StoredForm(Precision.INT8, 3, 4, 4);
    float[] values = {0, 0, 0, 0, 1e-43f, -1e-43f, 0, 0, 1, -2, 0.5f, 0};
    byte[] block = new byte[(int) form.bytes()];
    form.fill(MemorySegment.ofArray(values), MemorySegment.ofArray(block));
    byte[] numbers = new byte[12];
    form.read(
        MemorySegment.ofArray(block),
        MemorySegment.ofArray(numbers),
        MemorySegment.ofArray(new float[3]));
    assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 64, -127, 32, 0}, numbers);
  }

  @Test
  void int8TakesAQuarterAndBfloat16AHalf() {
    assertEquals(512 * 512 * 2L, new StoredForm(Precision.BF16, 512, 512, 0).bytes());
    assertEquals(512 * 512 + 512 * 4L, new StoredForm(Precision.INT8, 512, 512, 512).bytes());
  }

  @Test
  void aGroupThatDoesNotDivideTheColumnsIsRefused() {
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> new StoredForm(Precision.INT8, 4, 10, 4));
    assertTrue(String.valueOf(refused.getMessage()).contains("groups of 4"));
    assertThrows(IllegalArgumentException.class, () -> new StoredForm(Precision.F32, 4, 10, 0));
  }
}
