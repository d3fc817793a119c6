package dev.quintet.core.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
  // Random123's tests/kat_vectors, lines "philox4x32": rounds, counter, key, output.
  @ParameterizedTest
  @CsvSource({
    "7, 00000000 00000000 00000000 00000000, 00000000 00000000, 5f6fb709 0d893f64 4f121f81"
        + " 4f730a48",
    "7, ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 5207ddc2 45165e59 4d8ee751"
        + " 8c52f662",
    "7, 243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, 4dfccaba 190a87f0 c47362ba"
        + " b6b5242a",
    "10, 00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c"
        + " 9b00dbd8",
    "10, ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6"
        + " 6d5451fd",
    "10, 243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420"
        + " 24126ea1",
  })
  void givesThePublishedKnownAnswers(int rounds, String counter, String key, String expected) {
    int[] c = words(counter);
    int[] k = words(key);
    int[] out = new int[4];
    Philox.block(c[0], c[1], c[2], c[3], k[0], k[1], rounds, out);
    assertArrayEquals(words(expected), out);
  }

  private static int[] words(String hex) {
    return Arrays.stream(hex.split(" ")).mapToInt(HexFormat::fromHexDigits).toArray();
  }

  @Test
  void drawsLongsFromConsecutiveBlocks() {
    long seed = 0x123456789ABCDEF0L;
    long stream = 0x0FEDCBA987654321L;
    var random = Philox.of(seed, stream);
    int[] out = new int[4];
    for (int block = 0; block < 5; block++) {
      Philox.block(
          block, 0, (int) stream, (int) (stream >>> 32), (int) seed, (int) (seed >>> 32), 10, out);
      assertEquals(Integer.toUnsignedLong(out[0]) | ((long) out[1] << 32), random.nextLong());
      assertEquals(Integer.toUnsignedLong(out[2]) | ((long) out[3] << 32), random.nextLong());
    }
  }

  @Test
  void carriesIntoTheUpperHalfOfTheBlockNumber() {
    var random = Philox.at(new PhiloxState(1, 2, 0x1FFFFFFFFL));
    int[] out = new int[4];
    Philox.block(-1, 0, 2, 0, 1, 0, 10, out);
    assertEquals(Integer.toUnsignedLong(out[2]) | ((long) out[3] << 32), random.nextLong());
    Philox.block(0, 1, 2, 0, 1, 0, 10, out);
    assertEquals(Integer.toUnsignedLong(out[0]) | ((long) out[1] << 32), random.nextLong());
  }

  @Test
  void continuesFromASavedStateAfterAnyKindOfDraw() {
    var random = Philox.of(7, 9);
    for (int i = 0; i < 200; i++) {
      var twin = Philox.at(random.state());
      switch (i % 8) {
        case 0 -> assertEquals(random.nextInt(), twin.nextInt());
        case 1 -> assertEquals(random.nextInt(17), twin.nextInt(17));
        case 2 -> assertEquals(random.nextGaussian(), twin.nextGaussian());
        case 3 -> assertEquals(random.nextFloat(), twin.nextFloat());
        case 4 -> assertEquals(random.nextDouble(), twin.nextDouble());
        case 5 -> assertEquals(random.nextLong(1L << 40), twin.nextLong(1L << 40));
        case 6 -> assertEquals(random.nextBoolean(), twin.nextBoolean());
        default -> assertEquals(random.nextExponential(), twin.nextExponential());
      }
      assertEquals(random.state(), twin.state());
      assertEquals(random.nextLong(), twin.nextLong());
    }
  }

  // Recorded from this implementation: a change here breaks every checkpoint's resume.
  @Test
  void keepsItsNumbersForEver() {
    var random = Philox.of(42, 3);
    long[] drawn = {
      random.nextLong(),
      random.nextInt(1000),
      random.nextInt(-5, 6),
      random.nextLong(1L << 50),
      Double.doubleToLongBits(random.nextGaussian()),
      Double.doubleToLongBits(random.nextExponential()),
      Float.floatToIntBits(random.nextFloat()),
      Site.of("encoder.block.0.layer.1.dropout"),
      Philox.key(42, Site.of("shared.weight")),
      Float.floatToIntBits(RandomField.of(42, "shared.weight").normal(12345)),
      Float.floatToIntBits(RandomField.of(42, "shared.weight").uniform(12345)),
    };
    assertArrayEquals(
        new long[] {
          8220347575406012082L,
          598L,
          -4L,
          640906456805420L,
          4608086462543974287L,
          4606878961260880084L,
          1060650645L,
          -2730974043967904362L,
          3254541550308038610L,
          -1087831548L,
          1064090174L
        },
        drawn);
  }

  @Test
  void streamsAndSeedsDiffer() {
    long first = Philox.of(1, 1).nextLong();
    assertNotEquals(first, Philox.of(1, 2).nextLong());
    assertNotEquals(first, Philox.of(2, 1).nextLong());
    assertNotEquals(first, Philox.of(1, 1L << 32).nextLong());
    assertNotEquals(first, Philox.of(1L << 32, 1).nextLong());
  }

  @Test
  void boundedIntegersAreUniform() {
    for (int bound : new int[] {1, 2, 3, 7, 10, 100}) {
      var random = Philox.of(bound, 0);
      int[] counts = new int[bound];
      int draws = 2000 * bound;
      for (int i = 0; i < draws; i++) {
        counts[random.nextInt(bound)]++;
      }
      assertChiSquare(counts, draws);
    }
  }

  @Test
  void aLargeBoundIsNotBiased() {
    // 3 * 2^29: an unbiased draw falls below 2^29 a third of the time, a plain remainder three
    // eighths.
    var random = Philox.of(5, 0);
    int below = 0;
    for (int i = 0; i < 30000; i++) {
      below += random.nextInt(3 << 29) < 1 << 29 ? 1 : 0;
    }
    assertEquals(10000, below, 400);
  }

  @Test
  void rangesKeepTheirEnds() {
    var random = Philox.of(6, 0);
    for (int i = 0; i < 1000; i++) {
      int narrow = random.nextInt(-3, 4);
      assertTrue(narrow >= -3 && narrow < 4);
      long wide = random.nextLong(Long.MIN_VALUE, Long.MAX_VALUE);
      assertTrue(wide < Long.MAX_VALUE);
      int full = random.nextInt(Integer.MIN_VALUE, Integer.MAX_VALUE);
      assertTrue(full < Integer.MAX_VALUE);
      assertEquals(0, random.nextLong(1));
      long half = random.nextLong((1L << 62) + 1);
      assertTrue(half >= 0 && half <= 1L << 62);
    }
    assertThrows(IllegalArgumentException.class, () -> random.nextInt(0));
    assertThrows(IllegalArgumentException.class, () -> random.nextInt(3, 3));
    assertThrows(IllegalArgumentException.class, () -> random.nextLong(-1));
    assertThrows(IllegalArgumentException.class, () -> random.nextLong(3, 2));
  }

  @Test
  void bytesComeLowestFirst() {
    byte[] bytes = new byte[11];
    Philox.of(8, 1).nextBytes(bytes);
    var random = Philox.of(8, 1);
    long first = random.nextLong();
    long second = random.nextLong();
    for (int i = 0; i < 8; i++) {
      assertEquals((byte) (first >>> (8 * i)), bytes[i]);
    }
    assertEquals((byte) (second >>> 16), bytes[10]);
  }

  @Test
  void wordsOfNeighbouringBlocksAreBalancedAndUncorrelated() {
    int[] out = new int[4];
    int[] previous = new int[4];
    int ones = 0;
    int agreements = 0;
    int blocks = 20000;
    for (int i = 0; i < blocks; i++) {
      Philox.block(i, 0, 0, 0, 0, 0, Philox.DROPOUT_ROUNDS, out);
      for (int w = 0; w < 4; w++) {
        ones += Integer.bitCount(out[w]);
        agreements += Integer.bitCount(~(out[w] ^ previous[w]));
      }
      System.arraycopy(out, 0, previous, 0, 4);
    }
    double bits = blocks * 128.0;
    double fiveSigma = 5 * Math.sqrt(bits) / 2;
    assertEquals(bits / 2, ones, fiveSigma);
    assertEquals(bits / 2, agreements, fiveSigma);
  }

  static void assertChiSquare(int[] counts, int draws) {
    double expected = (double) draws / counts.length;
    double chi = 0;
    for (int count : counts) {
      chi += (count - expected) * (count - expected) / expected;
    }
    double freedom = counts.length - 1;
    double limit = freedom + 5 * Math.sqrt(2 * freedom) + 10;
    assertTrue(chi <= limit, "chi-square " + chi + " over " + limit);
  }
}
