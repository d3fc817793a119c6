package dev.quintet.core.random;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class RandomFieldTest {
  private final RandomField field =
      RandomField.of(11, "decoder.block.1.layer.2.DenseReluDense.wo.weight");

  @Test
  void aPartEqualsTheSamePlaceOfTheWhole() {
    try (var arena = Arena.ofConfined()) {
      for (int first = 0; first < 6; first++) {
        for (int count = 0; count < 11; count++) {
          var normals = arena.allocate(4L * count);
          var uniforms = arena.allocate(4L * count);
          field.fillNormal(first, normals, 0.5f, 2f);
          field.fillUniform(first, uniforms, -1f, 3f);
          for (int i = 0; i < count; i++) {
            assertEquals(
                0.5f + 2f * field.normal(first + i), normals.get(JAVA_FLOAT_UNALIGNED, 4L * i));
            assertEquals(
                -1f + 4f * field.uniform(first + i), uniforms.get(JAVA_FLOAT_UNALIGNED, 4L * i));
          }
        }
      }
    }
  }

  @Test
  void normalsHaveTheMomentsOfANormal() {
    int count = 100_000;
    try (var arena = Arena.ofConfined()) {
      var values = arena.allocate(4L * count);
      field.fillNormal(0, values, 0f, 1f);
      double sum = 0;
      double squares = 0;
      double cubes = 0;
      double fourths = 0;
      double neighbours = 0;
      int withinOne = 0;
      for (int i = 0; i < count; i++) {
        double v = values.getAtIndex(JAVA_FLOAT, i);
        assertTrue(Math.abs(v) < 6.8);
        sum += v;
        squares += v * v;
        cubes += v * v * v;
        fourths += v * v * v * v;
        withinOne += Math.abs(v) < 1 ? 1 : 0;
        neighbours += i > 0 ? v * values.getAtIndex(JAVA_FLOAT, i - 1) : 0;
      }
      assertEquals(0, sum / count, 0.016);
      assertEquals(1, squares / count, 0.023);
      assertEquals(0, cubes / count, 0.062);
      assertEquals(3, fourths / count, 0.16);
      assertEquals(0.682689, (double) withinOne / count, 0.008);
      assertEquals(0, neighbours / count, 0.016);
    }
  }

  @Test
  void uniformsAreUniform() {
    int[] counts = new int[64];
    int draws = 64_000;
    for (int i = 0; i < draws; i++) {
      float value = field.uniform(i);
      assertTrue(value >= 0 && value < 1);
      assertEquals(value, Math.scalb(Math.rint(Math.scalb(value, 24)), -24));
      counts[(int) (value * 64)]++;
    }
    PhiloxTest.assertChiSquare(counts, draws);
  }

  @Test
  void theRarestWordsStayFinite() {
    assertEquals(0.0, RandomField.radius(-1), 2e-5);
    assertTrue(RandomField.radius(-1) > 0);
    assertTrue(RandomField.radius(0) < 6.8);
    assertTrue(RandomField.angle(-1) < 2 * Math.PI);
  }

  @Test
  void indexesBeyondFourBillionHaveValuesOfTheirOwn() {
    assertNotEquals(field.uniform(5), field.uniform(5 + (4L << 32)));
  }

  @Test
  void sitesAndSeedsDiffer() {
    assertNotEquals(field.normal(0), RandomField.of(11, "shared.weight").normal(0));
    assertNotEquals(field.normal(0), new RandomField(12, field.site()).normal(0));
  }

  @Test
  void refusesADestinationOfBrokenElements() {
    try (var arena = Arena.ofConfined()) {
      var broken = arena.allocate(7);
      assertThrows(IllegalArgumentException.class, () -> field.fillNormal(0, broken, 0, 1));
    }
  }

  @Test
  void siteNumbersAreTheMixedFnv1a() {
    // FNV-1a's published value for "foobar".
    assertEquals(Site.mix64(0x85944171F73967E8L), Site.of("foobar"));
    assertNotEquals(Site.of("a.b"), Site.of("b.a"));
  }
}
