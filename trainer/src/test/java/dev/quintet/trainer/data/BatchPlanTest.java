package dev.quintet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchPlanTest {
  private static final int EXAMPLES = 1003;
  private final Examples examples = examples(EXAMPLES);

  @Test
  void eachEpochTakesEveryExampleOnce() {
    var plan = new BatchPlan(examples, 16, 10, 7);
    assertEquals(63, plan.stepsPerEpoch());
    for (long epoch = 0; epoch < 3; epoch++) {
      var seen = new ArrayList<Integer>();
      for (long step = epoch * 63; step < (epoch + 1) * 63; step++) {
        assertEquals(epoch, plan.epoch(step));
        plan.rows(step).forEach(row -> seen.add(row.target()[0]));
      }
      assertEquals(IntStream.range(0, EXAMPLES).boxed().toList(), seen.stream().sorted().toList());
    }
  }

  @Test
  void aStepIsAFunctionOfSeedAndStepAlone() {
    var plan = new BatchPlan(examples, 8, 5, 1);
    List<Integer> once = first(plan, 300);
    first(plan, 2);
    assertEquals(once, first(plan, 300));
    assertEquals(once, first(new BatchPlan(examples, 8, 5, 1), 300));
    assertNotEquals(once, first(new BatchPlan(examples, 8, 5, 2), 300));
  }

  @Test
  void rowsOfAStepAreOfLikeLength() {
    var bucketed = new BatchPlan(examples, 16, 50, 3);
    var plain = new BatchPlan(examples, 16, 1, 3);
    assertTrue(padding(bucketed) < 0.1 * padding(plain), padding(bucketed) + "");
    List<Example> rows = bucketed.rows(4);
    for (int i = 1; i < rows.size(); i++) {
      assertTrue(rows.get(i - 1).source().length >= rows.get(i).source().length);
    }
  }

  @Test
  void batchesOfAStepComeInNoOrderOfLength() {
    var plan = new BatchPlan(examples, 16, 63, 3);
    var lengths = new ArrayList<Integer>();
    for (long step = 0; step < 63; step++) {
      lengths.add(plan.rows(step).getFirst().source().length);
    }
    long falls = IntStream.range(1, 63).filter(i -> lengths.get(i) < lengths.get(i - 1)).count();
    assertTrue(falls > 15 && falls < 48, lengths.toString());
  }

  @Test
  void theWholeStepIsFormedFirstAndThenCut() {
    var whole = new BatchPlan(examples, 16, 10, 7);
    Batch one = whole.batches(5, 1, 0).getFirst();
    List<Batch> parts = whole.batches(5, 4, 0);
    assertEquals(4, parts.size());
    long row = 0;
    for (Batch part : parts) {
      assertEquals(row, part.firstRow());
      for (int r = 0; r < part.rows(); r++, row++) {
        assertEquals(one.labels()[(int) row * one.targetLength()], part.labels()[r]);
      }
    }
    assertEquals(one.rows(), row);
    assertEquals(one.tokens(), parts.stream().mapToInt(Batch::tokens).sum());
  }

  @Test
  void theLastStepOfAnEpochMayHaveFewerRowsThanParts() {
    var plan = new BatchPlan(examples(9), 8, 1, 1);
    var sizes = new ArrayList<Integer>();
    for (Batch batch : plan.batches(1, 4, 0)) {
      sizes.add(batch.rows());
    }
    assertEquals(List.of(1), sizes);
  }

  @Test
  void paddingIsMaskedAndUncounted() {
    Batch batch =
        Batch.of(
            List.of(
                new Example(new int[] {5, 6, 1}, new int[] {7, 1}),
                new Example(new int[] {8, 1}, new int[] {9, 4, 1})),
            3,
            0);
    assertArrayEquals(new int[] {5, 6, 1, 8, 1, 0}, batch.inputIds());
    assertArrayEquals(new int[] {1, 1, 1, 1, 1, 0}, batch.attentionMask());
    assertArrayEquals(new int[] {7, 1, -100, 9, 4, 1}, batch.labels());
    assertEquals(5, batch.sourceTokens());
    assertEquals(5, batch.labelTokens());
    assertEquals(3, batch.firstRow());
  }

  @Test
  void refusesNoExamples() {
    Examples none = Examples.of(List.of());
    assertThrows(IllegalArgumentException.class, () -> new BatchPlan(none, 8, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new BatchPlan(examples, 0, 1, 1));
  }

  private static List<Integer> first(BatchPlan plan, long step) {
    return plan.rows(step).stream().map(row -> row.target()[0]).toList();
  }

  private static long padding(BatchPlan plan) {
    long padding = 0;
    for (long step = 0; step < plan.stepsPerEpoch(); step++) {
      Batch batch = plan.batches(step, 1, 0).getFirst();
      padding += (long) batch.rows() * batch.sourceLength() - batch.sourceTokens();
    }
    return padding;
  }

  /// Examples of random lengths whose target names them.
  private static Examples examples(int count) {
    var random = new Random(1);
    var list = new ArrayList<Example>();
    for (int i = 0; i < count; i++) {
      list.add(new Example(new int[random.nextInt(1, 100)], new int[] {i}));
    }
    return Examples.of(list);
  }
}
