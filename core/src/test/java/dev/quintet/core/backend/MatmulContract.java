package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.shape.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every backend's matrix products must do.
public abstract class MatmulContract extends BackendContract {
  private static final int[] SIZES = {1, 2, 3, 4, 5, 7, 8, 13, 15, 16, 17, 31, 32, 33, 47, 64, 65};

  @Test
  void multipliesAllFourFormsOfManySizes() {
    Values.trials(120, random -> check(random, form(random, sizes(random))));
  }

  @Test
  void multipliesLargerSizes() {
    int[][] sizes = {
      {129, 97, 257},
      {64, 512, 130},
      {3, 1031, 67},
      {200, 5, 1021},
      {1, 700, 513},
      {8, 333, 300},
      {96, 96, 1537},
      {67, 2, 2050},
      {9, 2100, 100},
      {1, 70, 33_000},
      {20, 5, 33_000}
    };
    Random random = new Random(1);
    for (int[] s : sizes) {
      for (int form = 0; form < 4; form++) {
        check(random, form(form, s[0], s[1], s[2]).withAccumulate(form % 2 == 0));
      }
    }
  }

  @Test
  void multipliesRowsThatLieApart() {
    Values.trials(
        40,
        random -> {
          Product p = form(random, sizes(random));
          check(
              random,
              p.withRows(
                  p.a().row() + random.nextInt(9),
                  p.b().row() + random.nextInt(9),
                  p.c().row() + random.nextInt(9)));
        });
  }

  @Test
  void multipliesBatchesThatMayShareAnOperand() {
    Values.trials(
        40,
        random -> {
          Product p = form(random, sizes(random));
          long a = (long) (p.a().transposed() ? p.k() : p.m()) * p.a().row() + random.nextInt(5);
          long b = (long) (p.b().transposed() ? p.n() : p.k()) * p.b().row() + random.nextInt(5);
          long c = (long) p.m() * p.c().row() + random.nextInt(5);
          check(
              random,
              p.withBatch(
                  1 + random.nextInt(5),
                  random.nextInt(3) == 0 ? 0 : a,
                  random.nextInt(3) == 0 ? 0 : b,
                  c));
        });
  }

  /// Heads of attention: rows of one head lie H K apart, heads lie K apart.
  @Test
  void multipliesHeadsThatAreInterleaved() {
    Random random = new Random(3);
    int heads = 4;
    int width = 12;
    check(random, Product.nt(9, 11, width).withRows(48, 48, 11).withBatch(heads, 12, 12, 99));
    check(random, Product.nn(9, width, 11).withRows(11, 48, 48).withBatch(heads, 99, 12, 12));
    check(random, Product.tn(11, width, 9).withRows(11, 48, 48).withBatch(heads, 99, 12, 12));
  }

  @Test
  void emptySizesGiveZerosOrNothing() {
    for (int form = 0; form < 4; form++) {
      check(new Random(1), form(form, 0, 3, 5));
      check(new Random(1), form(form, 3, 0, 5));
      check(new Random(1), form(form, 3, 5, 0));
      check(new Random(1), form(form, 3, 5, 0).withAccumulate(true));
      check(new Random(1), form(form, 3, 5, 7).withBatch(0, 21, 35, 15));
    }
  }

  /// Groups are the single products one after the other.
  @Test
  void multipliesGroups() {
    multipliesGroups(35, false);
    multipliesGroups(36, true);
  }

  private void multipliesGroups(int size, boolean aligned) {
    MatmulKernels matmul = backend().matmul();
    Random random = new Random(7);
    int count = size * size;
    try (Buffers b = buffers()) {
      long[] left = new long[3];
      long[] right = new long[3];
      long[] apart = new long[3];
      long[] together = new long[3];
      for (int i = 0; i < 3; i++) {
        left[i] = next(b, aligned).put(Values.normal(random, count));
        right[i] = next(b, aligned).put(Values.normal(random, count));
        apart[i] = b.blank(count);
        together[i] = b.blank(count);
      }
      Product p = Product.nt(size, size, size);
      matmul.multiplyEach(p, left[0], right, together);
      for (int i = 0; i < 3; i++) {
        matmul.multiply(p, left[0], right[i], apart[i]);
        Expect.bits("each", b.read(apart[i], count), b.read(together[i], count));
      }
      Product q = Product.tn(20, size, size);
      matmul.multiplyMany(List.of(p, q, p), left, right, together);
      matmul.multiply(p, left[0], right[0], apart[0]);
      matmul.multiply(q, left[1], right[1], apart[1]);
      Expect.bits("many", b.read(apart[0], count), b.read(together[0], count));
      Expect.bits("many", b.read(apart[1], 20L * size), b.read(together[1], 20L * size));
      for (boolean add : new boolean[] {false, true}) {
        for (int i = 0; i < 3; i++) {
          matmul.multiply(p.withAccumulate(add || i > 0), left[i], right[i], apart[2]);
        }
        matmul.multiplySum(p.withAccumulate(add), left, right, apart[1]);
        Expect.bits("sum", b.read(apart[2], count), b.read(apart[1], count));
      }
    }
  }

  /// Rows and operands that begin at multiples of 16 bytes, which kernels may read by as much at once.
  @Test
  void multipliesAlignedOperands() {
    Values.trials(
        24,
        random -> {
          int[] s = sizes(random);
          Product p = apart(form(random, s), 4 * random.nextInt(2));
          check(random, random.nextBoolean() ? p : batched(p, 1 + random.nextInt(3)), true);
        });
    int[][] sizes = {{132, 140, 33}, {129, 65, 300}, {16, 16, 2100}, {1, 70, 4100}, {260, 12, 20}};
    for (int[] s : sizes) {
      for (int form = 0; form < 4; form++) {
        check(
            new Random(8),
            apart(form(form, s[0], s[1], s[2]).withAccumulate(form % 2 == 0), 0),
            true);
      }
    }
  }

  /// Bfloat16 is widened, and the sum narrowed once; what lies between rows stays.
  @Test
  void multipliesBfloat16() {
    Values.trials(
        20,
        random -> {
          int[] s = sizes(random);
          for (boolean add : new boolean[] {false, true}) {
            for (DType out : new DType[] {DType.F32, DType.BF16}) {
              Product form = form(random.nextInt(4), s[0], s[1], s[2]).withAccumulate(add);
              Product p = form.withRows(form.a().row(), form.b().row() + 1, form.c().row() + 2);
              checkBfloat16(p.withTypes(new Types(DType.BF16, DType.BF16, out)), random, false);
            }
          }
        });
  }

  @Test
  void multipliesAlignedBfloat16() {
    Values.trials(
        24,
        random -> {
          int[] s = {
            8 * (1 + random.nextInt(20)), 8 * (1 + random.nextInt(20)), 8 * (1 + random.nextInt(40))
          };
          s[random.nextInt(3)] -= random.nextInt(4); // one that tiles do not end at
          DType out = random.nextBoolean() ? DType.F32 : DType.BF16;
          Product p =
              apart(form(random, s), 8 * random.nextInt(2))
                  .withTypes(new Types(DType.BF16, DType.BF16, out));
          checkBfloat16(random.nextBoolean() ? p : batched(p, 1 + random.nextInt(3)), random, true);
        });
  }

  /// One operand float32, the other bfloat16.
  @Test
  void multipliesMixedTypes() {
    Values.trials(
        12,
        random -> {
          Types types = Values.types().get(random.nextInt(8));
          int[] s = sizes(random);
          checkBfloat16(form(random, s).withTypes(types), random, random.nextBoolean());
        });
  }

  /// How far products of bfloat16 may be from the exact ones, of the largest, beyond the rounding of the result; 0: they
  /// are the products of the widened operands, bit for bit.
  protected double bfloat16Tolerance() {
    return 0;
  }

  /// The product with rows that are multiples of 8 elements long and so much longer.
  private static Product apart(Product p, int by) {
    return p.withRows(
        (p.a().row() + 7 & -8) + by, (p.b().row() + 7 & -8) + by, (p.c().row() + 7 & -8) + by);
  }

  /// As many matrices behind each other, each with its last row in full.
  private static Product batched(Product p, int count) {
    return p.withBatch(
        count,
        (long) (p.a().transposed() ? p.k() : p.m()) * p.a().row(),
        (long) (p.b().transposed() ? p.n() : p.k()) * p.b().row(),
        (long) p.m() * p.c().row());
  }

  private void checkBfloat16(Product p, Random random, boolean aligned) {
    long extentC = (p.batch() - 1) * p.c().next() + (long) p.m() * p.c().row();
    DType out = p.types().out();
    float[] a = Values.of(p.types().in(), Values.normal(random, p.extentA()));
    float[] b = Values.of(p.types().weight(), Values.normal(random, p.extentB()));
    float[] c = Values.of(out, Values.normal(random, extentC));
    try (Buffers buffers = buffers()) {
      long left = next(buffers, aligned).put(p.types().in(), a);
      long right = next(buffers, aligned).put(p.types().weight(), b);
      long sum = next(buffers, aligned).put(out, c);
      backend().matmul().multiply(p, left, right, sum);
      float[] actual = buffers.read(out, sum, extentC);
      if (bfloat16Tolerance() == 0) {
        long wide = buffers.put(c);
        backend().matmul().multiply(p.withTypes(Types.F32), buffers.put(a), buffers.put(b), wide);
        Expect.bits(p.toString(), Values.of(out, buffers.read(wide, extentC)), actual);
      } else {
        double[] expected =
            PlainMatmul.multiply(p, Values.doubles(a), Values.doubles(b), Values.doubles(c));
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        Expect.relative(
            p.toString(),
            expected,
            actual,
            out == DType.BF16 ? 0x1p-8 : 0,
            bfloat16Tolerance() * largest);
      }
    }
  }

  private static Buffers next(Buffers buffers, boolean aligned) {
    return aligned ? buffers.aligned() : buffers;
  }

  @Test
  void passesOnWhatIsNotFinite() {
    for (int form = 0; form < 4; form++) {
      Product p = form(form, 19, 23, 9);
      double[] a = Values.doubles(Values.normal(new Random(2), 19 * 9));
      double[] b = Values.doubles(Values.normal(new Random(3), 23 * 9));
      a[0] = Double.NaN;
      a[50] = Double.POSITIVE_INFINITY;
      b[100] = Double.NEGATIVE_INFINITY;
      b[101] = 0;
      check(p, a, b, new double[19 * 23], false);
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    for (int form = 0; form < 4; form++) {
      assertSameBits(1200, product(form(form, 5, 19, 11)));
      assertSameBits(400, product(form(form, 17, 35, 40)));
      assertSameBits(8, product(form(form, 70, 150, 900)));
      assertSameBits(8, product(form(form, 2, 1100, 120)));
    }
  }

  private java.util.function.Function<Buffers, float[]> product(Product p) {
    Random random = new Random(5);
    float[] left = Values.normal(random, (long) p.m() * p.k());
    float[] right = Values.normal(random, (long) p.n() * p.k());
    return b -> {
      long c = b.blank((long) p.m() * p.n());
      backend().matmul().multiply(p, b.put(left), b.put(right), c);
      return b.read(c, (long) p.m() * p.n());
    };
  }

  private static int[] sizes(Random random) {
    return new int[] {
      Values.oneOf(random, SIZES), Values.oneOf(random, SIZES), Values.oneOf(random, SIZES)
    };
  }

  private static Product form(Random random, int[] sizes) {
    return form(random.nextInt(4), sizes[0], sizes[1], sizes[2])
        .withAccumulate(random.nextBoolean());
  }

  private static Product form(int form, int m, int n, int k) {
    return switch (form) {
      case 0 -> Product.nn(m, n, k);
      case 1 -> Product.nt(m, n, k);
      case 2 -> Product.tn(m, n, k);
      default -> Product.tt(m, n, k);
    };
  }

  private void check(Random random, Product p) {
    check(random, p, false);
  }

  private void check(Random random, Product p, boolean aligned) {
    int last = Math.max(0, p.batch() - 1);
    long a = last * p.a().next() + size(p.a().transposed() ? p.k() : p.m(), p.a().row());
    long b = last * p.b().next() + size(p.b().transposed() ? p.n() : p.k(), p.b().row());
    long c = last * p.c().next() + size(p.m(), p.c().row());
    check(
        p,
        Values.doubles(Values.normal(random, a)),
        Values.doubles(Values.normal(random, b)),
        Values.doubles(Values.normal(random, c)),
        aligned);
  }

  /// What lies between the rows of C must stay as it was, so C is compared whole.
  private void check(Product p, double[] a, double[] b, double[] c, boolean aligned) {
    double[] expected = PlainMatmul.multiply(p, a, b, c);
    try (Buffers buffers = buffers()) {
      long left = next(buffers, aligned).put(a);
      long right = next(buffers, aligned).put(b);
      long out = next(buffers, aligned).put(c);
      backend().matmul().multiply(p, left, right, out);
      Expect.close(p.toString(), expected, buffers.read(out, c.length), 4e-6);
      assertEquals(expected.length, c.length);
    }
  }

  private static long size(int rows, int stride) {
    return (long) rows * stride;
  }
}
