package dev.quintet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MixtureTest {

  @Test
  void tasksComeInTheirRatesAndGoThroughTheirExamplesByEpochsOfTheirOwn() {
    var mixture = new Mixture(List.of(task(0, 900), task(1000, 100)), new double[] {0.5, 0.5}, 7);
    assertEquals(1000, mixture.size());
    assertEquals(500, mixture.seen()[1], 60);
    var small = new ArrayList<Integer>();
    for (long epoch = 0; epoch < 2; epoch++) {
      for (int i = 0; i < mixture.size(); i++) {
        int id = mixture.example(i, epoch).source()[0];
        assertEquals(id, mixture.example(i, epoch).source()[0]);
        if (id >= 1000) {
          small.add(id);
        }
      }
    }
    for (int round = 0; round + 100 <= small.size(); round += 100) {
      Set<Integer> seen = new HashSet<>(small.subList(round, round + 100));
      assertEquals(100, seen.size(), "round " + round);
    }
    assertTrue(!small.subList(0, 100).equals(small.subList(100, 200)));
  }

  @Test
  void pairsAreNotPackedBeyondARow() {
    int[] sources = IntStream.range(0, 200).map(i -> 1 + i * 7 % 30).toArray();
    int[] targets = IntStream.range(0, 200).map(i -> 1 + i * 5 % 15).toArray();
    for (int window : new int[] {1, 4, 1000}) {
      var seen = new HashSet<Integer>();
      for (int[] row : FirstFit.rows(sources, targets, 32, 16, window)) {
        assertTrue(IntStream.of(row).map(i -> sources[i]).sum() <= 32);
        assertTrue(IntStream.of(row).map(i -> targets[i]).sum() <= 16);
        IntStream.of(row).forEach(seen::add);
      }
      assertEquals(200, seen.size());
    }
  }

  private static Examples task(int from, int size) {
    return Examples.of(
        IntStream.range(from, from + size)
            .mapToObj(i -> new Example(new int[] {i}, new int[] {i}))
            .toList());
  }
}
