package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.MatmulKernels;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.Product;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.cuda.MatmulPlan.Tile;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import dev.quintet.kernels.driver.Launch;
import dev.quintet.kernels.driver.Tiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Matrix products on the device: `matmul.cu`, and for tensor cores `matmul_bf16.cu` and, on chips of compute capability 9.0,
/// `matmul_hopper.cu`.
///
/// Float32 products of a group have the bits of single ones.
final class CudaMatmul implements MatmulKernels {
  /// As many products as a launch takes: `MATMUL_GROUP` of `matmul.cuh`.
  private static final int MOST = 8;

  private static final int STRUCT_BYTES = 280;
  private static final int PARTS_THREADS = 256;
  private static final Set<Tile> FLOATS = EnumSet.of(Tile.FLOATS_128, Tile.FLOATS_64);
  private static final Set<Tile> NARROW =
      EnumSet.of(Tile.NARROW_256, Tile.NARROW_128, Tile.NARROW_64);
  private static final Set<Tile> HOPPER =
      EnumSet.of(Tile.HOPPER_256, Tile.HOPPER_192, Tile.HOPPER_96);

  /// Products that one launch computes: each has its C, or their sum is the single C.
  record Group(Product product, long[] a, long[] b, long[] c) {
    int terms() {
      return c.length == 1 ? a.length : 1;
    }

    /// Matrices B that are multiplied with one A and have one C.
    int factors() {
      return b.length / a.length;
    }

    /// Matrices C, batches counted.
    long matrices() {
      return (long) c.length * product.batch();
    }
  }

  private final Cuda cuda;
  private final Map<Tile, Map<String, Kernel>> kernels = new EnumMap<>(Tile.class);
  private final Kernel parts;

  /// For operands of bfloat16 without a batch.
  private final Set<Tile> single;

  CudaMatmul(Cuda cuda) {
    this(cuda, single(cuda));
  }

  /// @param single the tiles for operands of bfloat16 without a batch, of which the fastest is taken
  CudaMatmul(Cuda cuda, Set<Tile> single) {
    this.cuda = cuda;
    this.single = single;
    for (Tile tile : Tile.values()) {
      Map<String, Kernel> forms = new HashMap<>();
      for (String form : List.of("nn", "nt", "tn", "tt")) {
        forms.put(form, cuda.kernel(tile.family, tile.kernel(form)));
      }
      kernels.put(tile, forms);
    }
    parts = cuda.kernel("matmul", "matmul_parts");
  }

  private static Set<Tile> single(Cuda cuda) {
    if (cuda.chip().processors() < 2 || !Hopper.takes(cuda, "matmul_hopper", "multiplication")) {
      return NARROW;
    }
    Set<Tile> both = EnumSet.copyOf(NARROW);
    both.addAll(HOPPER);
    return both;
  }

  /// What multiplies bfloat16 here.
  String instructions() {
    return single.containsAll(HOPPER) ? "wgmma and mma.sync" : "mma.sync";
  }

  @Override
  public void multiply(Product product, long a, long b, long c) {
    multiply(new Group(product, new long[] {a}, new long[] {b}, new long[] {c}));
  }

  @Override
  public void multiplyEach(Product product, long a, long[] b, long[] c) {
    long[] same = new long[b.length];
    Arrays.fill(same, a);
    multiplyAlike(product, same, b, c);
  }

  /// Those that follow each other and are alike are one launch.
  @Override
  public void multiplyMany(List<Product> products, long[] a, long[] b, long[] c) {
    for (int i = 0; i < a.length; ) {
      int end = i + 1;
      while (end < a.length && products.get(end).equals(products.get(i))) {
        end++;
      }
      multiplyAlike(
          products.get(i),
          Arrays.copyOfRange(a, i, end),
          Arrays.copyOfRange(b, i, end),
          Arrays.copyOfRange(c, i, end));
      i = end;
    }
  }

  private void multiplyAlike(Product product, long[] a, long[] b, long[] c) {
    for (int i = 0; i < a.length; ) {
      Set<Tile> tiles = tiles(product, a[i], b[i]);
      int end = i + 1;
      while (end < a.length && end - i < MOST && tiles(product, a[end], b[end]).equals(tiles)) {
        end++;
      }
      multiply(
          new Group(
              product,
              Arrays.copyOfRange(a, i, end),
              Arrays.copyOfRange(b, i, end),
              Arrays.copyOfRange(c, i, end)));
      i = end;
    }
  }

  /// One launch, which rounds the sum once, unless a float32 product is cut in parts: each of its terms is added as a whole.
  @Override
  public void multiplySum(Product product, long[] a, long[] b, long c) {
    boolean cut = product.types().floats() && plan(product, 1, 1, FLOATS).parts() > 1;
    int most = cut ? 1 : MOST;
    for (int i = 0; i < a.length; i += most) {
      int end = Math.min(a.length, i + most);
      multiply(
          new Group(
              i == 0 ? product : product.withAccumulate(true),
              Arrays.copyOfRange(a, i, end),
              Arrays.copyOfRange(b, i, end),
              new long[] {c}));
    }
  }

  private void multiply(Group group) {
    Product p = group.product;
    if (p.m() == 0 || p.n() == 0 || p.batch() == 0 || (p.k() == 0 && p.accumulate())) {
      return;
    }
    Set<Tile> tiles = tiles(p, group.a, group.b);
    boolean floats = p.types().floats();
    multiply(group, plan(p, floats ? 1 : group.c.length, group.terms(), tiles));
  }

  private MatmulPlan plan(Product p, int members, int terms, Set<Tile> tiles) {
    if (tiles.contains(Tile.PLAIN)) {
      return new MatmulPlan(Tile.PLAIN, 1, Tile.PLAIN.depth(p.k()) * terms);
    }
    return MatmulPlan.of(
        tiles, p.m(), p.n(), (long) members * p.batch(), p.k(), terms, cuda.chip().processors());
  }

  private Kernel kernel(Tile tile, String form) {
    return Objects.requireNonNull(Objects.requireNonNull(kernels.get(tile)).get(form), form);
  }

  /// Whether two products and their gate are expected to be faster in one launch, by Hopper's instructions.
  boolean takes(GatedProduct gated) {
    Product p = gated.product();
    return single.containsAll(HOPPER)
        && gated.fits()
        && MatmulPlan.gates(single, p.m(), p.n(), p.k());
  }

  /// Two products and their gate in one launch.
  void multiply(GatedProduct gated) {
    Tile tile = Tile.HOPPER_GATED;
    Group group = gated.group();
    Product p = group.product;
    long tiles = tile.down(p.m()) * tile.across(p.n());
    launch(group, tile, tiles)
        .struct(struct(group, new MatmulPlan(tile, 1, tile.depth(p.k())), 0, 0), 8)
        .struct(gated.struct(), 8)
        .moves(read(group, tile) + gated.bytes(tile))
        .run();
  }

  /// A launch for so many tiles, up to what follows the maps of a kernel that has some.
  private Launch launch(Group group, Tile tile, long tiles) {
    Product p = group.product;
    String form = (p.a().transposed() ? "t" : "n") + (p.b().transposed() ? "t" : "n");
    Launch launch = kernel(tile, form).launch().threads(tile.threads).shared(tile.sharedBytes);
    if (tile.cluster == 1) {
      return launch.grid(tiles);
    }
    // Blocks stay and take one tile after the other.
    long stay = Math.min(tiles, tile.atOnce(cuda.chip().processors()));
    return launch.grid(stay * tile.cluster).cluster(tile.cluster).struct(maps(group, tile), 64);
  }

  /// Launches a group as it is planned.
  void multiply(Group group, MatmulPlan plan) {
    Product p = group.product;
    Tile tile = plan.tile();
    Memory memory = cuda.memory();
    int rowSums = (p.n() + 3) & ~3;
    long sumBytes = plan.parts() == 1 ? 0 : 4 * plan.parts() * group.matrices() * p.m() * rowSums;
    long sums = sumBytes == 0 ? 0 : memory.allocate(sumBytes);
    try {
      ByteBuffer struct = struct(group, plan, rowSums, sums);
      long tiles = tile.down(p.m()) * tile.across(p.n()) * group.matrices() * plan.parts();
      launch(group, tile, tiles)
          .struct(struct, 8)
          .moves(read(group, tile) + (sumBytes > 0 ? sumBytes : written(group)))
          .run();
      if (sumBytes > 0) {
        long quarters = group.matrices() * p.m() * rowSums / 4;
        long blocks = (quarters + PARTS_THREADS - 1) / PARTS_THREADS;
        parts
            .launch()
            .grid(Math.min(blocks, 8L * cuda.chip().processors()))
            .threads(PARTS_THREADS)
            .struct(struct, 8)
            .moves(sumBytes + written(group))
            .run();
      }
    } finally {
      if (sumBytes > 0) {
        memory.release(sums, sumBytes);
      }
    }
  }

  /// Bytes of A and B: a row of tiles reads all of B, a column of tiles all of A.
  private static long read(Group group, Tile tile) {
    Product p = group.product;
    long columns = p.n();
    if (HOPPER.contains(tile) && !p.b().transposed()) { // by 64, of which a tile may use a part
      long wide = (tile.width + 63) / 64 * 64;
      columns = 0;
      for (long at = 0; at < p.n(); at += tile.width) {
        columns += Math.min(wide, p.n() - at);
      }
    }
    long a = tile.across(p.n()) * p.m() * p.types().in().bytes();
    long b = tile.down(p.m()) * columns * p.types().weight().bytes() * group.factors();
    return (a + b) * p.k() * group.terms() * group.matrices();
  }

  private static long written(Group group) {
    Product p = group.product;
    long elements = group.matrices() * p.m() * p.n();
    return elements * p.types().out().bytes() * (p.accumulate() ? 2 : 1);
  }

  /// The kernels that can take an operand where it lies.
  private Set<Tile> tiles(Product p, long[] a, long[] b) {
    Set<Tile> tiles = tiles(p, a[0], b[0]);
    for (int i = 1; i < a.length; i++) {
      if (!tiles(p, a[i], b[i]).equals(tiles)) {
        return EnumSet.of(Tile.PLAIN);
      }
    }
    return tiles;
  }

  private Set<Tile> tiles(Product p, long a, long b) {
    boolean narrow = p.types().in() == DType.BF16 && p.types().weight() == DType.BF16;
    boolean floats = p.types().in() == DType.F32 && p.types().weight() == DType.F32;
    boolean fits =
        p.k() > 0
            && !(p.a().transposed() && p.b().transposed())
            && wide(p, p.a(), p.types().in(), a)
            && wide(p, p.b(), p.types().weight(), b);
    if (fits && floats) {
      return FLOATS;
    }
    boolean whole =
        (p.a().transposed() ? p.m() : p.k()) % 8 == 0
            && (p.b().transposed() ? p.k() : p.n()) % 8 == 0;
    if (fits && narrow && whole) {
      return p.batch() == 1 ? single : NARROW;
    }
    return EnumSet.of(Tile.PLAIN);
  }

  /// Whether every row begins at a multiple of 16 bytes.
  private static boolean wide(Product p, Product.Matrix matrix, DType type, long address) {
    long bytes = type.bytes();
    return ((address | matrix.row() * bytes | (p.batch() > 1 ? matrix.next() * bytes : 0)) & 15)
        == 0;
  }

  /// `Maps` of `matmul_hopper.cu`.
  private ByteBuffer maps(Group group, Tile tile) {
    Product p = group.product;
    ByteBuffer all = ByteBuffer.allocate(2 * MOST * Cuda.MAP_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    // What one copy brings: the rows of a block, or 64 of them by 64 of the summed size; of B each
    // block of the cluster its part, or its matrix.
    int columns = tile.width * group.factors() / tile.cluster;
    for (int i = 0; i < group.a.length; i++) {
      Tiles a =
          p.a().transposed()
              ? new Tiles(group.a[i], p.k(), p.m(), p.a().row(), 64, 64)
              : new Tiles(group.a[i], p.m(), p.k(), p.a().row(), tile.height / tile.cluster, 64);
      all.put(i * Cuda.MAP_BYTES, cuda.map(a), 0, Cuda.MAP_BYTES);
    }
    for (int i = 0; i < group.b.length; i++) {
      Tiles b =
          p.b().transposed()
              ? new Tiles(group.b[i], p.n(), p.k(), p.b().row(), columns, 64)
              : new Tiles(group.b[i], p.k(), p.n(), p.b().row(), 64 / tile.cluster, 64);
      all.put((MOST + i) * Cuda.MAP_BYTES, cuda.map(b), 0, Cuda.MAP_BYTES);
    }
    return all;
  }

  /// `Products` of `matmul.cuh`.
  private static ByteBuffer struct(Group group, MatmulPlan plan, int rowSums, long sums) {
    Product p = group.product;
    boolean wide = true;
    for (long c : group.c) {
      wide &= wide(p, p.c(), p.types().out(), c);
    }
    int form =
        (p.accumulate() ? 1 : 0)
            | (p.types().in() == DType.BF16 ? 2 : 0)
            | (p.types().weight() == DType.BF16 ? 4 : 0)
            | (p.types().out() == DType.BF16 ? 8 : 0)
            | (p.a().transposed() ? 16 : 0)
            | (p.b().transposed() ? 32 : 0)
            | (wide ? 64 : 0);
    ByteBuffer struct = ByteBuffer.allocate(STRUCT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long[] addresses : new long[][] {group.a, group.b, group.c}) {
      for (int i = 0; i < MOST; i++) {
        struct.putLong(i < addresses.length ? addresses[i] : 0);
      }
    }
    return struct
        .putLong(p.a().next())
        .putLong(p.b().next())
        .putLong(p.c().next())
        .putLong(sums)
        .putInt(p.m())
        .putInt(p.n())
        .putInt(p.k())
        .putInt(p.a().row())
        .putInt(p.b().row())
        .putInt(p.c().row())
        .putInt(rowSums)
        .putInt(p.batch())
        .putInt(group.c.length)
        .putInt(group.terms())
        .putInt(plan.parts())
        .putInt(plan.steps())
        .putInt(form)
        .putInt(0)
        .flip();
  }
}
