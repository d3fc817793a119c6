package dev.quintet.trainer.folds;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.random.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FoldsTest {

  @Test
  void theSameSeedGivesTheSameFoldsAndAnotherDealsAgain() {
    assertTrue(Folds.plain(30, 5, 1).sameParts(Folds.plain(30, 5, 1)));
    assertFalse(Folds.plain(30, 5, 1).sameParts(Folds.plain(30, 5, 2)));
    List<String> groups = IntStream.range(0, 30).mapToObj(i -> "g" + i / 2).toList();
    assertFalse(Folds.grouped(groups, 5, 1).sameParts(Folds.grouped(groups, 5, 2)));
  }

  @Test
  void aClassWithFewerRowsThanFoldsIsAllowedAndNamed() {
    Folds folds = Folds.stratified(List.of("a", "a", "a", "a", "b"), 3, 0);
    assertEquals(1, folds.warnings().size());
    assertTrue(folds.warnings().getFirst().contains("\"b\" (1)"), folds.warnings().toString());
  }

  @Test
  void fewerGroupsThanFoldsAreRefused() {
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> Folds.grouped(List.of("a", "b", "a"), 3, 0));
    assertTrue(refused.getMessage().contains("groups, which is 2, but 3"), refused.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Folds.plain(3, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> Folds.plain(3, 4, 0));
  }

  @Test
  void stratifiedGroupsStayWholeAndTheirClassesEven() {
    Philox random = Philox.of(5, 0);
    var labels = new ArrayList<String>();
    var groups = new ArrayList<String>();
    for (int group = 0; group < 60; group++) {
      int size = 1 + random.nextInt(5);
      for (int i = 0; i < size; i++) {
        labels.add(random.nextInt(4) == 0 ? "rare" : "often");
        groups.add("g" + group);
      }
    }
    Folds folds = Folds.stratifiedGroups(labels, groups, 4, 0);
    double all = share(labels, IntStream.range(0, labels.size()).toArray());
    for (int fold = 0; fold < 4; fold++) {
      int[] test = folds.test(fold);
      assertEquals(labels.size() / 4.0, test.length, 8);
      assertEquals(all, share(labels, test), 0.05);
      var inside = Arrays.stream(test).mapToObj(groups::get).toList();
      assertTrue(
          Arrays.stream(folds.train(fold)).mapToObj(groups::get).noneMatch(inside::contains));
    }
  }

  private static double share(List<String> labels, int[] rows) {
    return Arrays.stream(rows).filter(row -> labels.get(row).equals("rare")).count()
        / (double) rows.length;
  }

  @Test
  void groupsWithATextInCommonAreJoined() {
    List<String> joined =
        Folds.joined(List.of("a", "b", "c", "a", "d", "e"), List.of("1", "2", "3", "4", "2", "4"));
    assertEquals(joined.get(0), joined.get(3));
    assertEquals(joined.get(0), joined.get(5));
    assertEquals(joined.get(1), joined.get(4));
    assertEquals(3, joined.stream().distinct().count());
  }

  @Test
  void scoresThatAreAllTheSameHaveIntervalsWithoutWidth() {
    var scores = new FoldScores(new double[] {0.5, 0.5, 0.5}, 20, 10);
    assertEquals(new FoldScores.Interval(0.5, 0.5), scores.corrected(0.95));
    var lower = new FoldScores(new double[] {0.25, 0.25, 0.25}, 20, 10);
    assertEquals(
        new FoldScores.Comparison(0.25, Double.POSITIVE_INFINITY, 0), scores.compare(lower));
    assertEquals(1, scores.compare(scores).p());
    assertArrayEquals(new double[] {0.5, 0.5, 0.5}, scores.scores());
  }
}
