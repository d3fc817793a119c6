package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.kernels.cuda.MatmulPlan.Tile;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MatmulPlanTest {
  private static final List<Tile> NARROW =
      List.of(Tile.NARROW_256, Tile.NARROW_128, Tile.NARROW_64);
  private static final List<Tile> HOPPER =
      List.of(Tile.HOPPER_256, Tile.HOPPER_192, Tile.HOPPER_96);
  private static final List<Tile> BFLOAT16 =
      Stream.concat(NARROW.stream(), HOPPER.stream()).toList();

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
            MatmulPlan there = MatmulPlan.of(NARROW, m, n, 1, k, 1, processors);
            assertEquals(here.parts(), there.parts());
            assertEquals(here.steps(), there.steps());
          }
        }
      }
    }
  }

  /// The products of a training step of T5-base v1.1, 48 rows of 512 and 128 tokens: how much of a wave's work is work on C.
  @Test
  void everyProductOfT5BaseKeepsTheProcessorsOfAnH200Busy() {
    Map<String, int[]> products = new LinkedHashMap<>();
    products.put("encoder QKV", new int[] {24_576, 2304, 768});
    products.put("encoder FF-in", new int[] {24_576, 4096, 768});
    products.put("cross K and V of all layers", new int[] {24_576, 18_432, 768});
    products.put("encoder O, dX of O", new int[] {24_576, 768, 768});
    products.put("encoder FF-out", new int[] {24_576, 768, 2048});
    products.put("encoder dX of QKV", new int[] {24_576, 768, 2304});
    products.put("encoder dX of FF-in", new int[] {24_576, 768, 4096});
    products.put("encoder dX of FF-out", new int[] {24_576, 2048, 768});
    products.put("dX of cross K and V", new int[] {24_576, 768, 18_432});
    products.put("decoder QKV", new int[] {6144, 2304, 768});
    products.put("decoder FF-in", new int[] {6144, 4096, 768});
    products.put("decoder dX of FF-out", new int[] {6144, 2048, 768});
    products.put("decoder O, cross Q, dX of them", new int[] {6144, 768, 768});
    products.put("decoder FF-out", new int[] {6144, 768, 2048});
    products.put("decoder dX of FF-in", new int[] {6144, 768, 4096});
    products.put("head", new int[] {6144, 32_128, 768});
    products.put("dX of the head", new int[] {6144, 768, 32_128});
    for (int rows : new int[] {24_576, 6144}) {
      String stack = rows == 24_576 ? "encoder " : "decoder ";
      products.put(stack + "dW of O", new int[] {768, 768, rows});
      products.put(stack + "dW of QKV", new int[] {2304, 768, rows});
      products.put(stack + "dW of FF-in", new int[] {4096, 768, rows});
      products.put(stack + "dW of FF-out", new int[] {768, 2048, rows});
    }
    products.put("dW of the head", new int[] {32_128, 768, 6144});
    products.put("dW of cross K and V", new int[] {18_432, 768, 24_576});
    System.out.println("| product | M N K | tile | parts | of its waves |\n|---|---|---|---|---|");
    products.forEach((name, size) -> {
      MatmulPlan plan =
          MatmulPlan.of(BFLOAT16, size[0], size[1], 1, size[2], 1, MatmulPlan.REFERENCE);
      Tile tile = plan.tile();
      long tiles = tile.down(size[0]) * tile.across(size[1]) * plan.parts();
      long atOnce = tile.atOnce(MatmulPlan.REFERENCE);
      double work = (double) size[0] * size[1] * size[2];
      double room =
          (double) ((tiles + atOnce - 1) / atOnce * atOnce)
              * tile.height
              * tile.width
              * plan.steps()
              * tile.step;
      System.out.printf(
          Locale.ROOT,
          "| %s | %d %d %d | %s | %d | %.2f |%n",
          name,
          size[0],
          size[1],
          size[2],
          tile,
          plan.parts(),
          work / room);
      assertTrue(HOPPER.contains(tile), name + ": " + plan);
      // A further cut of the decoder's weight gradients would cost more than it wins: sums are read
      // again.
      assertTrue(work / room >= (name.startsWith("decoder dW") ? 0.8 : 0.85), name + ": " + plan);
    });
  }

  /// The gate goes into the products where they fill the processors; a few rows are cut in parts, and small tiles take them.
  @Test
  void theGatedLayersOfTrainingTakeOneKernelAndThoseOfAFewRowsDoNot() {
    for (int[] size :
        new int[][] {
          {24_576, 1024, 512},
          {24_576, 2048, 768},
          {6144, 2048, 768},
          {24_576, 2816, 1024},
          {2048, 10_240, 4096}
        }) {
      assertTrue(MatmulPlan.gates(BFLOAT16, size[0], size[1], size[2]), Arrays.toString(size));
    }
    for (int rows : new int[] {1, 16, 64, 300}) {
      assertFalse(MatmulPlan.gates(BFLOAT16, rows, 2048, 768), rows + " rows");
    }
  }

  private static MatmulPlan narrow(int m, int n, int k, int matrices) {
    return MatmulPlan.of(NARROW, m, n, matrices, k, 1, MatmulPlan.REFERENCE);
  }
}
