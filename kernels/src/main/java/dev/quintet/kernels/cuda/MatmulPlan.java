package dev.quintet.kernels.cuda;

/// How a product is cut: the tile of C that a block computes, and the parts of the summed size that go to different blocks.
///
/// The cut into parts decides in which order a sum is added, so it is made for [#REFERENCE] processors whatever the chip has:
/// a result has the same bits on all of them. Tiles change no bit; they are chosen for the chip.
///
/// @param tile what a block computes
/// @param parts of the summed size, whose sums are added in their order
/// @param steps of the summed size in a part, each of [Tile#step]
record MatmulPlan(Tile tile, int parts, int steps) {
  /// An H100's.
  static final int REFERENCE = 132;

  private static final int MOST_PARTS = 32;

  /// Steps that a block's first copies and its stores cost.
  private static final double ENDS = 6;

  /// What a second launch costs, and bytes a second of the sums that it reads: expected, not measured.
  private static final double LAUNCH = 3e-6;

  private static final double BYTES = 3e12;

  /// What a block computes.
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
    NARROW_64("matmul_bf16", "matmul_bf16_%s_64", 64, 64, 32, 128, 4 * 64 * (64 + 64), 1.6e12, 2);

    final String family;
    final int height;
    final int width;

    /// Of the summed size.
    final int step;

    final int threads;
    final int sharedBytes;
    private final String kernel;
    private final double rate;
    private final double alone;

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
      this.family = family;
      this.kernel = kernel;
      this.height = height;
      this.width = width;
      this.step = step;
      this.threads = threads;
      this.sharedBytes = sharedBytes;
      this.rate = rate;
      this.alone = alone;
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

    /// Seconds that blocks of so many steps are expected to take.
    private double seconds(long blocks, int steps, int processors) {
      double block = (steps + ENDS) * 2.0 * height * width * step / rate;
      return block * Math.max(alone, ceil(blocks, processors));
    }
  }

  /// The fastest expected cut of some products of one shape.
  ///
  /// @param tiles to choose from, of one step
  /// @param matrices how many products, batches counted
  /// @param depth steps of the summed size
  static MatmulPlan of(
      Iterable<Tile> tiles, int m, int n, long matrices, int depth, int processors) {
    MatmulPlan best = fastest(tiles, m, n, matrices, depth, REFERENCE, 1, MOST_PARTS);
    int parts = best.parts;
    return processors == REFERENCE
        ? best
        : fastest(tiles, m, n, matrices, depth, processors, parts, parts);
  }

  private static MatmulPlan fastest(
      Iterable<Tile> tiles,
      int m,
      int n,
      long matrices,
      int depth,
      int processors,
      int fewest,
      int most) {
    MatmulPlan best = null;
    double least = Double.POSITIVE_INFINITY;
    for (Tile tile : tiles) {
      long each = tile.down(m) * tile.across(n) * matrices;
      for (int wanted = fewest; wanted <= most; wanted++) {
        int steps = steps(tile, depth, wanted);
        int parts = (int) ceil(depth, steps);
        double seconds = tile.seconds(each * parts, steps, processors);
        if (parts > 1) {
          seconds += LAUNCH + 8.0 * parts * m * n * matrices / BYTES;
        }
        if (seconds < least) {
          least = seconds;
          best = new MatmulPlan(tile, parts, steps);
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
