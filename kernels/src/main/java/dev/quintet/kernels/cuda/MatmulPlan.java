package dev.quintet.kernels.cuda;

import java.util.Collection;
import java.util.List;

/// How a product is cut: the tile of C that a block computes, and the parts of the summed size that go to different blocks.
///
/// The cut into parts decides in which order a sum is added, so it is made for [#REFERENCE] processors whatever the chip has, and so
/// is the choice between Hopper's instructions and others: a result has the same bits on all chips with the same kernels. Tiles of
/// a family change no bit; they are chosen for the chip.
///
/// @param tile what a block computes
/// @param parts of the summed size, whose sums are added in their order
/// @param steps of the summed size in a part, each of [Tile#step]
record MatmulPlan(Tile tile, int parts, int steps) {
  /// An H100's.
  static final int REFERENCE = 132;

  private static final int MOST_PARTS = 32;

  /// Of the summed size, what a block's first copies and its stores cost.
  private static final double ENDS = 192;

  /// The same where the next tile's copies hide behind them.
  private static final double HIDDEN_ENDS = 96;

  /// The same where the sums are a gate's, of which nothing hides: some 40 instructions for each element.
  private static final double GATED_ENDS = 352;

  /// What a second launch costs, and bytes a second of the sums that it reads, most of them out of the second cache: expected, not
  /// measured.
  private static final double LAUNCH = 3e-6;

  private static final double BYTES = 5e12;

  /// Bytes a second of what lies in memory: expected, not measured.
  private static final double MEMORY = 3e12;

  /// What a block computes, or a cluster of blocks together.
  ///
  /// Rates are multiplications and additions a second that a multiprocessor does with as many blocks as it holds, and how
  /// many times as long a block takes that shares it with none than its part of that. Expected of an H100, not measured; only
  /// their ratios decide.
  enum Tile {
    PLAIN("matmul", "matmul_plain", 32, 32, 32, 256, 2 * 32 * 33 * 4, 0.05e12, 2),
    FLOATS_128("matmul", "matmul_float32_%s_128", 128, 128, 16, 256, 2 * 16 * 264 * 4, 0.40e12, 1),
    FLOATS_64("matmul", "matmul_float32_%s_64", 64, 64, 16, 128, 2 * 16 * 136 * 4, 0.28e12, 1.5),
    NARROW_256(
        "matmul_bf16", "matmul_bf16_%s_256", 128, 256, 32, 256, 4 * 64 * (128 + 256), 2.7e12, 1),
    NARROW_128(
        "matmul_bf16", "matmul_bf16_%s_128", 128, 128, 32, 256, 4 * 64 * (128 + 128), 2.4e12, 1.3),
    NARROW_64("matmul_bf16", "matmul_bf16_%s_64", 64, 64, 32, 128, 4 * 64 * (64 + 64), 1.6e12, 2),
    HOPPER_256("matmul_hopper", "matmul_hopper_%s_256", 256, 4 * 48 * 1024 + 4 * 16, 5.4e12),
    HOPPER_192("matmul_hopper", "matmul_hopper_%s_192", 192, 5 * 40 * 1024 + 5 * 16, 5.2e12),
    HOPPER_96("matmul_hopper", "matmul_hopper_%s_96", 96, 6 * 32 * 1024 + 6 * 16, 4.3e12),
    /// Of two products of one A, which is half the rate of one.
    HOPPER_GATED(
        "matmul_hopper",
        2,
        "matmul_hopper_gated",
        256,
        128,
        64,
        384,
        4 * 48 * 1024 + 4 * 16,
        2.7e12,
        1,
        GATED_ENDS);

    final String family;

    /// Blocks that compute one together.
    final int cluster;

    final int height;
    final int width;

    /// Of the summed size.
    final int step;

    final int threads;
    final int sharedBytes;
    private final String kernel;
    private final double rate;
    private final double alone;
    private final double ends;

    /// Two blocks of 128 rows that stay and take one after the other.
    Tile(String family, String kernel, int width, int sharedBytes, double rate) {
      this(family, 2, kernel, 256, width, 64, 384, sharedBytes, rate, 1, HIDDEN_ENDS);
    }

    Tile(
        String family,
        String kernel,
        int height,
        int width,
        int step,
        int threads,
        int sharedBytes,
        double rate,
        double alone) {
      this(family, 1, kernel, height, width, step, threads, sharedBytes, rate, alone, ENDS);
    }

    Tile(
        String family,
        int cluster,
        String kernel,
        int height,
        int width,
        int step,
        int threads,
        int sharedBytes,
        double rate,
        double alone,
        double ends) {
      this.family = family;
      this.cluster = cluster;
      this.kernel = kernel;
      this.height = height;
      this.width = width;
      this.step = step;
      this.threads = threads;
      this.sharedBytes = sharedBytes;
      this.rate = rate;
      this.alone = alone;
      this.ends = ends;
    }

    /// The kernel's name for a form: nn, nt or tn.
    String kernel(String form) {
      return kernel.formatted(form);
    }

    long down(int m) {
      return ceil(m, height);
    }

    long across(int n) {
      return ceil(n, width);
    }

    /// Steps of a summed size.
    int depth(int k) {
      return (int) ceil(k, step);
    }

    /// Tiles that so many processors compute at once.
    long atOnce(int processors) {
      return Math.max(1, processors / cluster);
    }

    /// Seconds that tiles of so many steps are expected to take.
    private double seconds(long tiles, int steps, int processors) {
      double one = (steps * step + ends) * 2.0 * height * width / (rate * cluster);
      return one * Math.max(alone, ceil(tiles, atOnce(processors)));
    }
  }

  /// The fastest expected cut of some products of one shape.
  ///
  /// @param tiles to choose from
  /// @param matrices how many products, batches counted
  /// @param k the summed size of a term
  /// @param terms whose sum is C
  static MatmulPlan of(
      Collection<Tile> tiles, int m, int n, long matrices, int k, int terms, int processors) {
    MatmulPlan best = fastest(tiles, m, n, matrices, k, terms, REFERENCE, 1, MOST_PARTS);
    if (processors == REFERENCE) {
      return best;
    }
    List<Tile> alike = tiles.stream().filter(tile -> tile.family.equals(best.tile.family)).toList();
    return fastest(alike, m, n, matrices, k, terms, processors, best.parts, best.parts);
  }

  /// Whether two products of one A with their gate behind the sums are expected to be faster than the products and a pass for the
  /// gate.
  ///
  /// @param tiles to choose from for the products
  static boolean gates(Collection<Tile> tiles, int m, int n, int k) {
    Tile tile = Tile.HOPPER_GATED;
    var together = new MatmulPlan(tile, 1, tile.depth(k));
    MatmulPlan apart = of(tiles, m, n, 2, k, 1, REFERENCE);
    double gate = LAUNCH + 3.0 * 2 * m * n / MEMORY;
    return together.seconds(m, n, 1, REFERENCE) < apart.seconds(m, n, 2, REFERENCE) + gate;
  }

  private double seconds(int m, int n, long matrices, int processors) {
    long tiles = tile.down(m) * tile.across(n) * matrices * parts;
    double products = tile.seconds(tiles, steps, processors);
    return parts == 1 ? products : products + LAUNCH + 8.0 * parts * m * n * matrices / BYTES;
  }

  private static MatmulPlan fastest(
      Collection<Tile> tiles,
      int m,
      int n,
      long matrices,
      int k,
      int terms,
      int processors,
      int fewest,
      int most) {
    MatmulPlan best = null;
    double least = Double.POSITIVE_INFINITY;
    for (Tile tile : tiles) {
      int depth = tile.depth(k) * terms;
      for (int wanted = fewest; wanted <= most; wanted++) {
        int steps = steps(tile, depth, wanted);
        int parts = (int) ceil(depth, steps);
        var plan = new MatmulPlan(tile, parts, steps);
        double seconds = plan.seconds(m, n, matrices, processors);
        if (seconds < least) {
          least = seconds;
          best = plan;
        }
      }
    }
    if (best == null) {
      throw new IllegalArgumentException("no tile to choose from");
    }
    return best;
  }

  /// Steps of a part: a multiple of 256 of the summed size, in which sums run.
  private static int steps(Tile tile, int depth, int parts) {
    int run = 256 / tile.step;
    return (int) (ceil(ceil(depth, parts), run) * run);
  }

  private static long ceil(long x, long by) {
    return (x + by - 1) / by;
  }
}
