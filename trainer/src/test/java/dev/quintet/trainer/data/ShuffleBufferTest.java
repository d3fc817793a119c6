package dev.quintet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShuffleBufferTest {
  @TempDir Path folder;

  @Test
  void eachRowComesOnceAndNotMuchBeforeItsPlace() {
    for (int slots : new int[] {1, 2, 50, 1000, 5000}) {
      int[] order = ShuffleBuffer.order(1000, slots, 7, 2);
      assertArrayEquals(
          IntStream.range(0, 1000).toArray(), Arrays.stream(order).sorted().toArray());
      for (int i = 0; i < order.length; i++) {
        assertTrue(order[i] < i + slots);
      }
      assertArrayEquals(order, ShuffleBuffer.order(1000, slots, 7, 2));
    }
    assertArrayEquals(IntStream.range(0, 9).toArray(), ShuffleBuffer.order(9, 1, 7, 2));
    int[] order = ShuffleBuffer.order(1000, 100, 7, 2);
    assertFalse(Arrays.equals(order, ShuffleBuffer.order(1000, 100, 7, 3)));
    assertFalse(Arrays.equals(order, ShuffleBuffer.order(1000, 100, 8, 2)));
    assertEquals(0, ShuffleBuffer.order(0, 100, 7, 2).length);
    assertThrows(IllegalArgumentException.class, () -> ShuffleBuffer.order(10, 0, 7, 2));
  }

  @Test
  void aFileIsReadThroughTheBufferThatIsAskedFor() throws IOException {
    Path file = folder.resolve("rows.txt");
    Files.write(file, IntStream.range(0, 300).mapToObj(String::valueOf).toList());
    try (FileExamples whole = examples(file, OptionalInt.empty());
        FileExamples buffered = examples(file, OptionalInt.of(20))) {
      assertFalse(whole.fingerprint().equals(buffered.fingerprint()));
      assertTrue(reach(whole) > 100);
      assertTrue(reach(buffered) < 60);
      var plan = new BatchPlan(buffered, 4, 2, 1);
      List<Integer> seen =
          IntStream.range(0, 75)
              .boxed()
              .flatMap(step -> Arrays.stream(plan.indices(step)).boxed())
              .sorted()
              .toList();
      assertEquals(IntStream.range(0, 300).boxed().toList(), seen);
    }
  }

  private static FileExamples examples(Path file, OptionalInt buffer) {
    return new FileExamples(
        file,
        line -> new Example(new int[] {Integer.parseInt(line)}, new int[] {1}),
        "test",
        buffer);
  }

  /// How far the first steps reach into the file.
  private static int reach(FileExamples examples) {
    var plan = new BatchPlan(examples, 4, 2, 1);
    return IntStream.range(0, 5)
        .flatMap(step -> Arrays.stream(plan.indices(step)))
        .max()
        .orElseThrow();
  }
}
