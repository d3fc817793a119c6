package dev.quintet.core.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PermutationTest {
  @Test
  void holdsEveryNumberOnce() {
    for (int n : new int[] {0, 1, 2, 3, 100, 1000}) {
      int[] order = Permutation.of(1, 2, n);
      Arrays.sort(order);
      assertArrayEquals(IntStream.range(0, n).toArray(), order);
    }
  }

  @Test
  void everyOrderOfFourIsEquallyLikely() {
    int[] counts = new int[256];
    int draws = 24_000;
    for (int i = 0; i < draws; i++) {
      int[] order = Permutation.of(9, i, 4);
      counts[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
    }
    int[] seen = Arrays.stream(counts).filter(count -> count > 0).toArray();
    assertEquals(24, seen.length);
    PhiloxTest.assertChiSquare(seen, draws);
  }

  @Test
  void dependsOnSeedAndStreamOnly() {
    assertArrayEquals(Permutation.of(1, 2, 50), Permutation.of(1, 2, 50));
    assertEquals(false, Arrays.equals(Permutation.of(1, 2, 50), Permutation.of(1, 3, 50)));
    assertEquals(false, Arrays.equals(Permutation.of(1, 2, 50), Permutation.of(2, 2, 50)));
  }

  @Test
  void listsShuffleAsArraysDo() {
    int[] array = IntStream.range(0, 40).toArray();
    List<Integer> list = new ArrayList<>(IntStream.range(0, 40).boxed().toList());
    Permutation.shuffle(array, Philox.of(4, 4));
    Permutation.shuffle(list, Philox.of(4, 4));
    assertArrayEquals(array, list.stream().mapToInt(Integer::intValue).toArray());
  }

  @Test
  void refusesANegativeLength() {
    assertThrows(IllegalArgumentException.class, () -> Permutation.of(1, 1, -1));
  }
}
