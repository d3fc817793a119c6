package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.kernels.cuda.MatmulPlan.Tile;
import java.util.List;
import org.junit.jupiter.api.Test;

class MatmulPlanTest {
  private static final List<Tile> NARROW =
      List.of(Tile.NARROW_256, Tile.NARROW_128, Tile.NARROW_64);

  @Test
  void aSmallWeightGradientIsCutAndALargeOneLess() {
    MatmulPlan one = narrow(768, 768, 24_576, 1);
    assertTrue(one.parts() >= 4, one.toString());
    MatmulPlan head = narrow(32_128, 768, 24_576, 1);
    assertTrue(head.parts() < one.parts(), head.toString());
  }

  @Test
  void aLargeProductTakesTheWidestTileAndASmallOneTheSmallest() {
    assertEquals(Tile.NARROW_256, narrow(24_576, 4096, 768, 1).tile());
    assertEquals(1, narrow(24_576, 4096, 768, 1).parts());
    assertEquals(Tile.NARROW_64, narrow(8, 768, 256, 1).tile());
  }

  @Test
  void partsCoverTheSumAndAreTheSameOnEveryChip() {
    for (int m : new int[] {1, 64, 768, 2304, 24_576}) {
      for (int n : new int[] {1, 96, 768, 4096}) {
        for (int k : new int[] {8, 512, 3000, 24_576}) {
          MatmulPlan here = narrow(m, n, k, 1);
          int depth = here.tile().depth(k);
          assertTrue(here.parts() * here.steps() >= depth);
          assertTrue((here.parts() - 1) * here.steps() < depth);
          assertTrue(here.parts() == 1 || here.steps() * here.tile().step % 256 == 0);
          for (int processors : new int[] {1, 8, 108, 148}) {
            MatmulPlan there = MatmulPlan.of(NARROW, m, n, 1, depth, processors);
            assertEquals(here.parts(), there.parts());
            assertEquals(here.steps(), there.steps());
          }
        }
      }
    }
  }

  private static MatmulPlan narrow(int m, int n, int k, int matrices) {
    return MatmulPlan.of(NARROW, m, n, matrices, Tile.NARROW_64.depth(k), MatmulPlan.REFERENCE);
  }
}
