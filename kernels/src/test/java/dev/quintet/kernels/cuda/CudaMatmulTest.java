package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.MatmulContract;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.cuda.CudaMatmul.Group;
import dev.quintet.kernels.cuda.MatmulPlan.Tile;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.testing.StandIn;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The contract on the stand-in, and what it does not know of: tiles, parts, schedules and bytes.
@Tag("emulator")
class CudaMatmulTest extends MatmulContract {
  private static final Types NARROW = Types.of(DType.BF16);
  private static final Types NARROW_SUMMED = new Types(DType.BF16, DType.BF16, DType.F32);

  private static final List<Tile> FLOATS = List.of(Tile.PLAIN, Tile.FLOATS_128, Tile.FLOATS_64);
  private static final List<Tile> WARPS = List.of(Tile.NARROW_256, Tile.NARROW_128, Tile.NARROW_64);
  private static final List<Tile> HOPPER =
      List.of(Tile.HOPPER_256, Tile.HOPPER_192, Tile.HOPPER_96);
  private static final List<Tile> BFLOAT16 =
      Stream.concat(WARPS.stream(), HOPPER.stream()).toList();

  private final List<long[]> blocks = new ArrayList<>();

  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  /// Tensor cores add sixteen products at once.
  @Override
  protected double bfloat16Tolerance() {
    return 1e-5;
  }

  @AfterEach
  void release() {
    blocks.forEach(block -> backend().memory().release(block[0], block[1]));
    blocks.clear();
    String wanted = System.getenv().getOrDefault("QUINTET_EMULATOR_SCHEDULE", "forward");
    StandIn.schedule(StandIn.Schedule.valueOf(wanted.toUpperCase(Locale.ROOT).replace('-', '_')));
  }

  @Test
  void everyTileGivesTheSameBits() {
    everyTileGivesTheSameBits(Types.F32, FLOATS);
    everyTileGivesTheSameBits(NARROW_SUMMED, WARPS);
    everyTileGivesTheSameBits(NARROW_SUMMED, HOPPER);
  }

  private void everyTileGivesTheSameBits(Types types, List<Tile> tiles) {
    for (Product form : forms(136, 264, 296)) {
      Product p = form.withTypes(types).withAccumulate(true);
      Group group = group(p, 1, 1);
      byte[] before = bytes(group, 0);
      float[] old = read(p.types().out(), group.c()[0], p.m() * p.n());
      for (int parts = 1; parts <= 2; parts++) {
        byte[] first = null;
        for (Tile tile : tiles) {
          if (tile == Tile.PLAIN && parts > 1) {
            continue;
          }
          write(group.c()[0], before);
          int steps = parts == 1 ? tile.depth(p.k()) : 256 / tile.step;
          matmul().multiply(group, new MatmulPlan(tile, parts, steps));
          byte[] now = bytes(group, 0);
          if (first == null) {
            check(p, group.a(), group.b(), old, group.c()[0]);
            first = now;
          }
          assertArrayEquals(first, now, p + ", " + tile + ", parts " + parts);
        }
      }
    }
  }

  @Test
  void everyScheduleGivesTheSameBits() {
    for (Product form : forms(72, 136, 80)) {
      everyScheduleGivesTheSameBits(form, FLOATS);
      everyScheduleGivesTheSameBits(form.withTypes(NARROW), WARPS);
    }
    // Clusters take several pairs of tiles, and stages are filled more than once.
    for (Product form : forms(264, 200, 264)) {
      everyScheduleGivesTheSameBits(form.withTypes(NARROW), HOPPER);
    }
  }

  private void everyScheduleGivesTheSameBits(Product p, List<Tile> tiles) {
    for (Tile tile : tiles) {
      Group group = group(p, 2, 1);
      byte[] first = null;
      for (StandIn.Schedule schedule : StandIn.Schedule.values()) {
        StandIn.schedule(schedule);
        boolean cut = tile != Tile.PLAIN;
        int depth = tile.depth(p.k());
        int steps = cut ? (depth + 1) / 2 : depth;
        matmul().multiply(group, new MatmulPlan(tile, cut ? 2 : 1, steps));
        byte[] now = bytes(group, 1);
        if (first == null) {
          check(p, new long[] {group.a()[1]}, new long[] {group.b()[1]}, null, group.c()[1]);
          first = now;
        }
        assertArrayEquals(first, now, p + ", " + tile + ", " + schedule);
      }
    }
  }

  /// What a launcher says that it moves is what its kernel loads and stores, tiles that are read again included.
  @Test
  void movesAsManyBytesAsItSays() {
    for (Types types : List.of(Types.F32, NARROW, NARROW_SUMMED)) {
      for (Product form : forms(136, 120, 104)) {
        for (Tile tile : types.floats() ? FLOATS : BFLOAT16) {
          int depth = tile.depth(form.k());
          for (int parts = 1; parts <= (tile == Tile.PLAIN ? 1 : 2); parts++) {
            Product p = form.withTypes(types).withAccumulate(parts == 2);
            Group group = group(p, parts == 1 ? 1 : 3, parts == 1 ? 2 : 1);
            Map<String, Long> before = cuda().moved();
            StandIn.reset();
            int all = depth * group.terms();
            matmul().multiply(group, new MatmulPlan(tile, parts, (all + parts - 1) / parts));
            String name =
                tile.kernel((p.a().transposed() ? "t" : "n") + (p.b().transposed() ? "t" : "n"));
            for (String kernel : parts == 1 ? List.of(name) : List.of(name, "matmul_parts")) {
              StandIn.Counts counts = StandIn.counts(kernel);
              long said = cuda().moved().get(kernel) - before.get(kernel);
              assertEquals(1, counts.launches());
              assertEquals(said, counts.loaded() + counts.stored(), 0.02 * said, kernel + " " + p);
            }
          }
        }
      }
    }
  }

  @Test
  void groupsOfBfloat16AreTheirProducts() {
    Product one = Product.nt(40, 48, 64).withTypes(NARROW);
    Group each = group(one, 3, 1);
    long[] same = {each.a()[0], each.a()[0], each.a()[0]};
    StandIn.reset();
    matmul().multiplyEach(one, same[0], each.b(), each.c());
    assertEquals(1, StandIn.commands());
    for (int i = 0; i < 3; i++) {
      check(one, new long[] {same[i]}, new long[] {each.b()[i]}, null, each.c()[i]);
    }

    Product sum = Product.nn(40, 48, 64).withTypes(NARROW).withAccumulate(true);
    for (int terms : new int[] {2, 8, 9}) {
      Group all = group(sum, 1, terms);
      float[] before = read(DType.BF16, all.c()[0], 40 * 48);
      matmul().multiplySum(sum, all.a(), all.b(), all.c()[0]);
      check(sum, all.a(), all.b(), before, all.c()[0]);
    }

    Product tall = Product.tn(40, 48, 56).withTypes(NARROW_SUMMED);
    Product wide = Product.tn(16, 80, 56).withTypes(NARROW_SUMMED);
    List<Product> many = List.of(tall, tall, wide, tall, wide, wide);
    long[][] of = new long[3][many.size()];
    for (int i = 0; i < many.size(); i++) {
      Group single = group(many.get(i), 1, 1);
      of[0][i] = single.a()[0];
      of[1][i] = single.b()[0];
      of[2][i] = single.c()[0];
    }
    StandIn.reset();
    matmul().multiplyMany(many, of[0], of[1], of[2]);
    assertEquals(4, StandIn.commands());
    for (int i = 0; i < many.size(); i++) {
      check(many.get(i), new long[] {of[0][i]}, new long[] {of[1][i]}, null, of[2][i]);
    }
  }

  /// The stand-in is a chip of compute capability 9.0; batches have no maps of tiles.
  @Test
  void takesHoppersInstructionsWhereThereIsNoBatch() {
    Product one = Product.nt(256, 96, 64).withTypes(NARROW);
    Group group = group(one.withBatch(2, 256 * 64, 96 * 64, 256 * 96), 1, 1);
    StandIn.reset();
    matmul().multiply(one, group.a()[0], group.b()[0], group.c()[0]);
    assertEquals(1, StandIn.counts("matmul_hopper_nt_96").launches());
    assertEquals(1, StandIn.commands());
    check(one, group.a(), group.b(), null, group.c()[0]);
    matmul().multiply(group.product(), group.a()[0], group.b()[0], group.c()[0]);
    assertEquals(1, StandIn.counts("matmul_hopper_nt_96").launches());
    assertEquals(
        "of this library, by wgmma and mma.sync",
        ((CudaBackend) backend()).details().get("products"));
  }

  /// A product of few tiles and a long sum is cut, whatever forms a group.
  @Test
  void cutsLongSumsInParts() {
    Product p = Product.tn(40, 48, 4096);
    for (Types types : List.of(Types.F32, NARROW_SUMMED)) {
      Group group = group(p.withTypes(types), 1, 1);
      StandIn.reset();
      matmul().multiply(p.withTypes(types), group.a()[0], group.b()[0], group.c()[0]);
      assertEquals(1, StandIn.counts("matmul_parts").launches());
      check(p.withTypes(types), group.a(), group.b(), null, group.c()[0]);
    }
    Group pair = group(p, 2, 1);
    matmul().multiply(p, pair.a()[0], pair.b()[0], pair.c()[0]);
    matmul().multiply(p.withAccumulate(true), pair.a()[1], pair.b()[1], pair.c()[0]);
    matmul().multiplySum(p, pair.a(), pair.b(), pair.c()[1]);
    assertArrayEquals(bytes(pair, 0), bytes(pair, 1), "the sum of float32 products");
  }

  private void check(Product p, long[] a, long[] b, float @Nullable [] before, long c) {
    int m = p.m();
    int n = p.n();
    double[] expected = new double[m * n];
    for (int t = 0; t < a.length; t++) {
      float[] left = read(p.types().in(), a[t], m * p.k());
      float[] right = read(p.types().weight(), b[t], n * p.k());
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          for (int l = 0; l < p.k(); l++) {
            double x = left[p.a().transposed() ? l * m + i : i * p.k() + l];
            expected[i * n + j] += x * right[p.b().transposed() ? j * p.k() + l : l * n + j];
          }
        }
      }
    }
    float[] actual = read(p.types().out(), c, m * n);
    double off = 0;
    double norm = 0;
    for (int i = 0; i < m * n; i++) {
      double e = expected[i] + (before == null ? 0 : before[i]);
      off += (actual[i] - e) * (actual[i] - e);
      norm += e * e;
    }
    double limit = p.types().out() == DType.BF16 ? 4e-3 : 1e-6;
    assertEquals(0, Math.sqrt(off / norm), limit, p.toString());
  }

  private static List<Product> forms(int m, int n, int k) {
    return List.of(Product.nn(m, n, k), Product.nt(m, n, k), Product.tn(m, n, k));
  }

  private CudaMatmul matmul() {
    return (CudaMatmul) backend().matmul();
  }

  private Cuda cuda() {
    return ((CudaBackend) backend()).cuda();
  }

  /// Random operands of as many products, or of a sum.
  private Group group(Product p, int members, int terms) {
    Random random = new Random(11);
    long[] a = new long[Math.max(members, terms)];
    long[] b = new long[a.length];
    long[] c = new long[members];
    int batch = p.batch();
    Arrays.setAll(a, i -> put(p.types().in(), batch * p.m() * p.k(), random));
    Arrays.setAll(b, i -> put(p.types().weight(), batch * p.n() * p.k(), random));
    Arrays.setAll(c, i -> put(p.types().out(), batch * p.m() * p.n(), random));
    return new Group(p, a, b, c);
  }

  private long put(DType type, int count, Random random) {
    byte[] bytes = new byte[count * type.bytes()];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < count; i++) {
      int bits = Float.floatToIntBits((float) random.nextGaussian());
      if (type == DType.F32) {
        segment.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * i, bits);
      } else {
        segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short) (bits >>> 16));
      }
    }
    long address = backend().memory().allocate(bytes.length);
    blocks.add(new long[] {address, bytes.length});
    write(address, bytes);
    return address;
  }

  private void write(long address, byte[] bytes) {
    backend().memory().write(MemorySegment.ofArray(bytes), address, bytes.length);
  }

  /// A group's i-th result.
  private byte[] bytes(Group group, int i) {
    Product p = group.product();
    byte[] bytes = new byte[p.m() * p.n() * p.types().out().bytes()];
    backend().memory().read(group.c()[i], MemorySegment.ofArray(bytes), bytes.length);
    return bytes;
  }

  private float[] read(DType type, long address, int count) {
    float[] values = new float[count];
    if (type == DType.F32) {
      backend().memory().read(address, MemorySegment.ofArray(values), 4L * count);
    } else {
      short[] narrow = new short[count];
      backend().memory().read(address, MemorySegment.ofArray(narrow), 2L * count);
      for (int i = 0; i < count; i++) {
        values[i] = Float.intBitsToFloat(narrow[i] << 16);
      }
    }
    return values;
  }
}
