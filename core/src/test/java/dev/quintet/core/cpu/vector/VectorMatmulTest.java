package dev.quintet.core.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.Types;
import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.cpu.work.CpuChoice;
import dev.quintet.core.cpu.work.EarlyForms;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;

@DisabledIf("scalar")
class VectorMatmulTest {
  private static final int[] SIZES = {
    1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 96, 100, 200, 600
  };

  private final VectorMatmul matmul = new VectorMatmul(EarlyForms.none());
  private final int threads = CpuBackend.threads();

  static boolean scalar() {
    return CpuChoice.chosen().scalar();
  }

  @AfterEach
  void restoreThreads() {
    CpuBackend.threads(threads);
  }

  @Test
  void equalsTheDefinitionForAnySizesFormsAndStrides() {
    long seed = Long.getLong("quintet.seed", System.nanoTime());
    System.out.println("seed " + seed);
    var random = new Random(seed);
    for (int i = 0; i < 120; i++) {
      checkOne(random(random), random);
    }
  }

  @Test
  void coversEachPlanOfTheProduct() {
    var random = new Random(3);
    checkOne(Product.nt(3, 300, 500), random);
    checkOne(Product.nt(40, 700, 300), random);
    checkOne(Product.nn(40, 700, 1300).withAccumulate(true), random);
    checkOne(Product.nn(100, 96, 1300), random);
    checkOne(Product.tn(96, 96, 960).withAccumulate(true), random);
    checkOne(Product.tt(130, 70, 530), random);
    checkOne(Product.nn(5, 6, 0), random);
    checkOne(Product.nn(5, 6, 0).withAccumulate(true), random);
    checkOne(Product.nn(0, 6, 7), random);
    checkOne(Product.nn(5, 0, 7), random);
  }

  /// Few rows and many; more weights than are packed at once, and more of k than is in a chunk.
  @Test
  void multipliesOneLeftOperandByManyAsByEach() {
    multipliesByMany(Product.nt(21, 700, 601));
    multipliesByMany(Product.nt(180, 700, 601));
  }

  private void multipliesByMany(Product p) {
    int count = 6;
    int n = p.n();
    int k = p.k();
    var random = new Random(13);
    try (Arena arena = Arena.ofConfined()) {
      long a = filled(arena, p.m() * k, random).address();
      long[] b = new long[count];
      long[] together = new long[count];
      MemorySegment[] made = new MemorySegment[count];
      for (int i = 0; i < count; i++) {
        b[i] = filled(arena, n * k, random).address();
        made[i] = filled(arena, p.m() * n, random);
        together[i] = made[i].address();
      }
      matmul.multiplyEach(p, a, b, together);
      for (int i = 0; i < count; i++) {
        MemorySegment alone = filled(arena, p.m() * n, random);
        matmul.multiply(p, a, b[i], alone.address());
        assertArrayEquals(
            alone.toArray(ValueLayout.JAVA_FLOAT), made[i].toArray(ValueLayout.JAVA_FLOAT));
      }
    }
  }

  @Test
  void givesTheSameBitsInterpretedAndCompiledAndOnAnyNumberOfThreads() {
    for (Product p :
        new Product[] {Product.nt(3, 17, 40), Product.nn(20, 40, 30), Product.tn(9, 33, 50)}) {
      try (Arena arena = Arena.ofConfined()) {
        var random = new Random(11);
        MemorySegment a = filled(arena, p.m() * p.k(), random);
        MemorySegment b = filled(arena, p.k() * p.n(), random);
        MemorySegment c = filled(arena, p.m() * p.n(), random);
        matmul.multiply(p, a.address(), b.address(), c.address());
        float[] first = c.toArray(ValueLayout.JAVA_FLOAT);
        for (int i = 0; i < 8_000; i++) {
          if (i % 2_000 == 0) {
            CpuBackend.threads(1 + i / 2_000 % 3);
          }
          matmul.multiply(p, a.address(), b.address(), c.address());
          if (i % 50 == 0) {
            assertArrayEquals(first, c.toArray(ValueLayout.JAVA_FLOAT));
          }
        }
      }
    }
  }

  private static Product random(Random random) {
    int m = SIZES[random.nextInt(SIZES.length)];
    int n = SIZES[random.nextInt(SIZES.length)];
    int k = SIZES[random.nextInt(SIZES.length)];
    boolean ta = random.nextBoolean();
    boolean tb = random.nextBoolean();
    int lda = (ta ? m : k) + random.nextInt(3);
    int ldb = (tb ? k : n) + random.nextInt(3);
    int ldc = n + random.nextInt(3);
    int batch = 1 + random.nextInt(2);
    long strideB = random.nextBoolean() ? 0 : (long) ldb * (tb ? n : k) + 5;
    return new Product(
        m,
        n,
        k,
        new Product.Matrix(ta, lda, (long) lda * (ta ? k : m) + 3),
        new Product.Matrix(tb, ldb, strideB),
        new Product.Matrix(false, ldc, (long) ldc * m + 1),
        random.nextBoolean(),
        batch,
        Types.F32);
  }

  private void checkOne(Product p, Random random) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a =
          filled(arena, (int) (p.a().next() * p.batch()) + p.a().row() * (p.m() + p.k()), random);
      MemorySegment b =
          filled(arena, (int) (p.b().next() * p.batch()) + p.b().row() * (p.n() + p.k()), random);
      MemorySegment c =
          filled(arena, (int) (p.c().next() * p.batch()) + p.c().row() * p.m(), random);
      MemorySegment again = arena.allocate(c.byteSize()).copyFrom(c);
      float[] before = c.toArray(ValueLayout.JAVA_FLOAT);
      CpuBackend.threads(1);
      matmul.multiply(p, a.address(), b.address(), c.address());
      CpuBackend.threads(3);
      matmul.multiply(p, a.address(), b.address(), again.address());
      assertEquals(-1, c.mismatch(again), () -> "threads change " + p);

      float[] fa = a.toArray(ValueLayout.JAVA_FLOAT);
      float[] fb = b.toArray(ValueLayout.JAVA_FLOAT);
      double[] expected = new double[before.length];
      double[] scale = new double[before.length];
      for (int i = 0; i < before.length; i++) {
        expected[i] = before[i];
      }
      for (int q = 0; q < p.batch(); q++) {
        for (int i = 0; i < p.m(); i++) {
          for (int j = 0; j < p.n(); j++) {
            int at = (int) (q * p.c().next()) + i * p.c().row() + j;
            double sum = p.accumulate() ? before[at] : 0;
            double size = Math.abs(sum);
            for (int k = 0; k < p.k(); k++) {
              int ai =
                  (int) (q * p.a().next())
                      + (p.a().transposed() ? k * p.a().row() + i : i * p.a().row() + k);
              int bi =
                  (int) (q * p.b().next())
                      + (p.b().transposed() ? j * p.b().row() + k : k * p.b().row() + j);
              double term = (double) fa[ai] * fb[bi];
              sum += term;
              size += Math.abs(term);
            }
            expected[at] = sum;
            scale[at] = size;
          }
        }
      }
      float[] after = c.toArray(ValueLayout.JAVA_FLOAT);
      for (int i = 0; i < after.length; i++) {
        int at = i;
        assertEquals(expected[i], after[i], 2e-6 * scale[i], () -> p + " at " + at);
      }
    }
  }

  private static MemorySegment filled(Arena arena, int count, Random random) {
    MemorySegment segment = arena.allocate(4L * Math.max(1, count), 64);
    for (int i = 0; i < count; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return segment;
  }
}
