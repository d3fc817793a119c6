package dev.quintet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackingRowsTest {

  @Test
  void decoderInputsAreShiftedInsideEachPair() {
    Example row =
        Packing.joined(
            List.of(
                new Example(new int[] {5, 1}, new int[] {7, 8, 1}),
                new Example(new int[] {6, 6, 1}, new int[] {9, 1})));
    Batch batch = Batch.of(List.of(row, new Example(new int[] {4, 1}, new int[] {3, 1})), 0, 0);
    Batch.Segments segments = batch.paddedTo(4).segments().orElseThrow();
    assertArrayEquals(new int[] {1, 1, 2, 2, 2, 0, 0, 0}, first(segments.source(), 8));
    assertArrayEquals(new int[] {1, 1, 1, 2, 2, 0, 0, 0}, first(segments.target(), 8));
    assertEquals(1, segments.target()[8]);
    assertEquals(0, segments.target()[10]);
    try (var _ = Scope.open(Device.cpu())) {
      int[] ids = batch.uploaded(0).decoderIds().toInts();
      assertArrayEquals(new int[] {0, 7, 8, 0, 9}, first(ids, 5));
      assertArrayEquals(new int[] {0, 3}, Arrays.copyOfRange(ids, 5, 7));
    }
  }

  @Test
  void whatIsPackedDependsOnTheSeedAlone() {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < 40; i++) {
      examples.add(new Example(new int[1 + i % 7], new int[] {i}));
    }
    List<int[]> once = targets(Packing.rows(examples, 16, 8, 3));
    List<int[]> again = targets(Packing.rows(examples, 16, 8, 3));
    assertEquals(once.size(), again.size());
    for (int i = 0; i < once.size(); i++) {
      assertArrayEquals(once.get(i), again.get(i));
    }
    assertEquals(40, once.stream().mapToInt(t -> t.length).sum());
  }

  @Test
  void refusesWhatCannotBe() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Example(new int[2], new int[2], new int[1], new int[2]));
  }

  private static List<int[]> targets(List<Example> rows) {
    return rows.stream().map(Example::target).toList();
  }

  private static int[] first(int[] values, int count) {
    return Arrays.copyOf(values, count);
  }
}
