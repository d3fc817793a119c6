package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.shape.Shape;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What every backend's element by element functions must do.
public abstract class ElementwiseContract extends BackendContract {
  private static final int[] COUNTS = {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 100, 1023, 4096, 4099};
  private static final int[] AXES = {1, 1, 2, 3, 5, 8, 17, 33};
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  /// Those whose float32 result is rounded once, so that all backends agree on every bit.
  private static final EnumSet<Unary> EXACT =
      EnumSet.of(
          Unary.NEGATE,
          Unary.ABS,
          Unary.SQRT,
          Unary.SQUARE,
          Unary.RELU,
          Unary.ADD_SCALAR,
          Unary.MULTIPLY_SCALAR,
          Unary.MAXIMUM_SCALAR,
          Unary.MINIMUM_SCALAR);

  @ParameterizedTest
  @EnumSource(Unary.class)
  void computesFunctionsOfOneArgument(Unary op) {
    Values.trials(
        COUNTS.length,
        random -> {
          int count = COUNTS[random.nextInt(COUNTS.length)];
          float p = parameter(op, random);
          checkUnary(op, p, arguments(op, random, count));
        });
    checkUnary(op, 0.75f, arguments(op, new Random(1), 100_003));
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "EXP",
        "TANH",
        "SIGMOID",
        "SILU",
        "GELU_TANH",
        "GELU_ERF",
        "ERF",
        "SOFTPLUS",
        "LOG",
        "SIN",
        "COS"
      })
  void staysExactOverTheWholeRange(Unary op) {
    Random random = new Random(2);
    boolean positive = op == Unary.LOG;
    checkUnary(op, 0, Values.uniform(random, 20_000, positive ? 1e-30f : -85, 87));
    checkUnary(op, 0, Values.uniform(random, 20_000, positive ? 1e-6f : -2, 2));
    checkUnary(op, 0, Values.uniform(random, 2000, positive ? 1e-20f : -1e-3f, 1e-3f));
  }

  /// An angle of float32 is exact, however large: its sine is too.
  @ParameterizedTest
  @EnumSource(names = {"SIN", "COS"})
  void takesAnglesOfManyTurns(Unary op) {
    Random random = new Random(3);
    float[] x = new float[2000];
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.scalb(1 + random.nextFloat(), random.nextInt(128)) * (i % 2 == 0 ? 1 : -1);
    }
    checkUnary(op, 0, x);
    checkUnary(op, 0, new float[] {33554430, 33554432, -33554436, Float.MAX_VALUE, 16367173e13f});
    checkUnary(op, 0, new float[] {INFINITY, -INFINITY, Float.NaN});
  }

  @ParameterizedTest
  @EnumSource(Unary.class)
  void computesFunctionsInPlace(Unary op) {
    float[] x = arguments(op, new Random(4), 77);
    try (Buffers b = buffers()) {
      long apart = b.blank(77);
      long same = b.put(x);
      backend().elementwise().unary(op, 2, b.put(x), apart, 77);
      backend().elementwise().unary(op, 2, same, same, 77);
      Expect.bits(op.name(), b.read(apart, 77), b.read(same, 77));
    }
  }

  @ParameterizedTest
  @EnumSource(Unary.class)
  void computesDerivatives(Unary op) {
    Values.trials(
        12,
        random -> {
          int count = COUNTS[random.nextInt(COUNTS.length)];
          float p = parameter(op, random);
          checkBackward(op, p, arguments(op, random, count), random);
        });
  }

  @ParameterizedTest
  @EnumSource(Unary.class)
  void passesNaNOn(Unary op) {
    float[] x = new float[37];
    Arrays.fill(x, 0.5f);
    x[3] = Float.NaN;
    x[36] = Float.NaN;
    try (Buffers b = buffers()) {
      long y = b.blank(37);
      backend().elementwise().unary(op, 2, b.put(x), y, 37);
      float[] result = b.read(y, 37);
      for (int i = 0; i < 37; i++) {
        assertEquals(Float.isNaN(x[i]), Float.isNaN(result[i]), op + " of element " + i);
      }
    }
  }

  @Test
  void reachesTheLimitsOfItsFunctions() {
    limits(
        Unary.EXP,
        new float[] {-INFINITY, INFINITY, -200, 100, 0, -0f, 88, -86},
        new double[] {0, INFINITY, 0, INFINITY, 1, 1, Math.exp(88), Math.exp(-86)});
    limits(
        Unary.LOG,
        new float[] {0, -0f, -1, INFINITY, 1, Float.MIN_NORMAL, Float.MAX_VALUE},
        new double[] {
          -INFINITY,
          -INFINITY,
          Double.NaN,
          INFINITY,
          0,
          Math.log(Float.MIN_NORMAL),
          Math.log(Float.MAX_VALUE)
        });
    limits(Unary.SQRT, new float[] {0, -1, INFINITY}, new double[] {0, Double.NaN, INFINITY});
    limits(
        Unary.RECIPROCAL,
        new float[] {0, -0f, INFINITY, -INFINITY},
        new double[] {INFINITY, -INFINITY, 0, 0});
    limits(
        Unary.TANH,
        new float[] {INFINITY, -INFINITY, 50, -50, 0, 1e-20f},
        new double[] {1, -1, 1, -1, 0, 1e-20f});
    limits(
        Unary.SIGMOID,
        new float[] {INFINITY, -INFINITY, 200, -200, 0},
        new double[] {1, 0, 1, 0, 0.5});
    limits(Unary.SILU, new float[] {300, -300, 0}, new double[] {300, 0, 0});
    limits(Unary.GELU_TANH, new float[] {100, -100, 0, 1e4f}, new double[] {100, 0, 0, 1e4f});
    limits(Unary.GELU_ERF, new float[] {100, -100, 0, 1e4f}, new double[] {100, 0, 0, 1e4f});
    limits(Unary.RELU, new float[] {INFINITY, -INFINITY}, new double[] {INFINITY, 0});
  }

  @Test
  void keepsTheSignOfZero() {
    try (Buffers b = buffers()) {
      long x = b.put(0f, -0f, 0f, -0f);
      long y = b.blank(4);
      backend().elementwise().unary(Unary.NEGATE, 0, x, y, 4);
      Expect.bits("negated", new float[] {-0f, 0f, -0f, 0f}, b.read(y, 4));
      backend().elementwise().unary(Unary.ABS, 0, x, y, 4);
      Expect.bits("magnitudes", new float[4], b.read(y, 4));
    }
  }

  @Test
  void raisesToPowers() {
    float[] powers = {0, 1, 2, 3, -1, -2, 0.5f, 1.5f, -0.5f, 10};
    float[] x = {0.25f, 1, 2.5f, 17, 1e-3f, 3e3f};
    for (float p : powers) {
      checkUnary(Unary.POWER, p, x);
      checkBackward(Unary.POWER, p, x, new Random(6));
    }
    checkUnary(Unary.POWER, 3, new float[] {-2, -0.5f, 0, 2});
    checkUnary(Unary.POWER, 2, new float[] {-2, -0.5f, 0, 2});
    checkUnary(Unary.POWER, -1, new float[] {-2, -0.5f, 2});
    checkUnary(Unary.POWER, 0, new float[] {-2, 0, 2});
  }

  @ParameterizedTest
  @EnumSource(Binary.class)
  void computesFunctionsOfTwoArgumentsWithBroadcasting(Binary op) {
    Values.trials(
        25,
        random -> {
          Shape[] shapes = broadcastable(random);
          float[] x = Values.normal(random, shapes[0].elements());
          float[] y = Values.normal(random, shapes[1].elements());
          checkBinary(op, shapes[0], shapes[1], x, y);
        });
    Random random = new Random(8);
    float[] x = Values.normal(random, 50_021);
    checkBinary(op, Shape.of(50_021), Shape.of(50_021), x, Values.normal(random, 50_021));
    checkBinary(op, Shape.of(50_021), Shape.scalar(), x, new float[] {0.3f});
    checkBinary(op, Shape.of(0, 3), Shape.of(3), new float[0], new float[3]);
  }

  @Test
  void broadcastsAlongMoreAxesThanAnybodyWrites() {
    Shape odd = Shape.of(2, 1, 3, 1, 2, 1, 2, 1, 2, 1);
    Shape even = Shape.of(1, 2, 1, 2, 1, 2, 1, 2, 1, 3);
    float[] x = Values.normal(new Random(1), odd.elements());
    float[] y = Values.normal(new Random(2), even.elements());
    checkBinary(Binary.SUBTRACT, odd, even, x, y);
    checkBinary(Binary.DIVIDE, even, odd, y, x);
    checkComparison(Comparison.LESS, odd, even, x, y);
  }

  @Test
  void treatsSpecialOperandsAsIeeeDoes() {
    float[] x = {0, -0f, INFINITY, INFINITY, Float.NaN, 1, Float.NaN, 0, 1, -1};
    float[] y = {0, 0, INFINITY, -INFINITY, 1, Float.NaN, Float.NaN, 5, 0, 0};
    for (Binary op : Binary.values()) {
      checkBinary(op, Shape.of(10), Shape.of(10), x, y);
    }
  }

  @Test
  void writesOverAnOperandThatIsNotBroadcast() {
    float[] x = Values.normal(new Random(1), 6 * 19);
    float[] y = Values.normal(new Random(2), 19);
    try (Buffers b = buffers()) {
      Broadcast axes = Broadcast.of(Shape.of(6, 19), Shape.of(19));
      Broadcast swapped = Broadcast.of(Shape.of(19), Shape.of(6, 19));
      long apart = b.blank(6 * 19);
      long over = b.put(x);
      backend().elementwise().binary(Binary.SUBTRACT, axes, over, b.put(y), apart);
      backend().elementwise().binary(Binary.SUBTRACT, axes, over, b.put(y), over);
      Expect.bits("first operand", b.read(apart, 6 * 19), b.read(over, 6 * 19));
      over = b.put(x);
      backend().elementwise().binary(Binary.SUBTRACT, swapped, b.put(y), over, apart);
      backend().elementwise().binary(Binary.SUBTRACT, swapped, b.put(y), over, over);
      Expect.bits("second operand", b.read(apart, 6 * 19), b.read(over, 6 * 19));
      backend()
          .elementwise()
          .binary(Binary.ADD, Broadcast.of(Shape.of(114), Shape.of(114)), over, over, over);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Binary.class,
      names = {"DIVIDE", "POWER"},
      mode = EnumSource.Mode.EXCLUDE)
  void computesWithIntegersThatWrapAround(Binary op) {
    Values.trials(
        25,
        random -> {
          Shape[] shapes = broadcastable(random);
          Shape zs = Shape.broadcast(shapes[0], shapes[1]);
          int[] x = random.ints(shapes[0].elements()).toArray();
          int[] y = random.ints(shapes[1].elements()).toArray();
          int count = (int) zs.elements();
          int[] expected = new int[count];
          for (int i = 0; i < count; i++) {
            long a = x[PlainElementwise.source(i, shapes[0], zs)];
            long b = y[PlainElementwise.source(i, shapes[1], zs)];
            // float64 holds sums and differences of int32 whole, products not
            expected[i] =
                (int) (op == Binary.MULTIPLY ? a * b : (long) PlainElementwise.binary(op, a, b));
          }
          try (Buffers b = buffers()) {
            long z = b.blank(count);
            Broadcast axes = Broadcast.of(shapes[0], shapes[1]);
            backend().elementwise().binaryInts(op, axes, b.put(x), b.put(y), z);
            assertArrayEquals(expected, b.readInts(z, count), op + " of " + axes);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Comparison.class)
  void compares(Comparison op) {
    Values.trials(
        15,
        random -> {
          Shape[] shapes = broadcastable(random);
          float[] x = Values.floats(coarse(random, shapes[0]));
          float[] y = Values.floats(coarse(random, shapes[1]));
          checkComparison(op, shapes[0], shapes[1], x, y);
        });
    float[] x = {0, -0f, Float.NaN, 1, Float.NaN, INFINITY, -INFINITY, INFINITY, 3};
    float[] y = {-0f, 0, Float.NaN, Float.NaN, 1, INFINITY, INFINITY, 3, 4};
    checkComparison(op, Shape.of(9), Shape.of(9), x, y);
  }

  @ParameterizedTest
  @EnumSource(Comparison.class)
  void comparesIntegersThatFloatsCannotTell(Comparison op) {
    int[] x = {16777216, 16777217, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 7, 0, -5, 9, 10, 11};
    int[] y = {16777217, 16777216, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 7, 0, 5, 9, 11, 10};
    try (Buffers b = buffers()) {
      long z = b.blankBytes(11);
      Broadcast axes = Broadcast.of(Shape.of(11), Shape.of(11));
      backend().elementwise().compare(op, true, axes, b.put(x), b.put(y), z);
      byte[] expected = new byte[11];
      for (int i = 0; i < 11; i++) {
        expected[i] = (byte) (PlainElementwise.holds(op, x[i], y[i]) ? 1 : 0);
      }
      assertArrayEquals(expected, b.readBytes(z, 11));
    }
  }

  @Test
  void selectsBitsUnchanged() {
    Values.trials(
        15,
        random -> {
          int count = COUNTS[random.nextInt(COUNTS.length)];
          byte[] condition = new byte[count];
          int[] x = random.ints(count).toArray();
          int[] y = random.ints(count).toArray();
          int[] expected = new int[count];
          for (int i = 0; i < count; i++) {
            condition[i] = (byte) random.nextInt(2);
            x[i] = random.nextInt(5) == 0 ? 0x7F800001 + random.nextInt(9) : x[i];
            expected[i] = condition[i] != 0 ? x[i] : y[i];
          }
          try (Buffers b = buffers()) {
            long z = b.blank(count);
            backend().elementwise().select(b.put(condition), b.put(x), b.put(y), z, count);
            assertArrayEquals(expected, b.readInts(z, count));
          }
        });
  }

  @Test
  void addsScaled() {
    Values.trials(
        15,
        random -> {
          int count = COUNTS[random.nextInt(COUNTS.length)];
          float[] x = Values.normal(random, count);
          float[] y = Values.normal(random, count);
          float scale = (float) random.nextGaussian();
          double[] expected = new double[count];
          for (int i = 0; i < count; i++) {
            expected[i] = y[i] + (double) scale * x[i];
          }
          try (Buffers b = buffers()) {
            long sum = b.put(y);
            backend().elementwise().addScaled(scale, b.put(x), sum, count);
            Expect.close("y + scale x", expected, b.read(sum, count), 3e-7);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Unary.class)
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled(Unary op) {
    for (int count : new int[] {19, 40_011}) {
      float[] x = arguments(op, new Random(9), count);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long in = b.put(x);
            long y = b.blank(count);
            backend().elementwise().unary(op, 0.4f, in, y, count);
            backend()
                .elementwise()
                .unaryBackward(op, 0.4f, read(op, in, y), in, new Gradient(y, true), count);
            return b.read(y, count);
          });
    }
  }

  /// Whichever of argument and result a derivative reads.
  public static long read(Unary op, long x, long y) {
    return switch (op.reads()) {
      case NOTHING -> 0;
      case ARGUMENT -> x;
      case RESULT -> y;
    };
  }

  private void checkUnary(Unary op, float p, float[] x) {
    double[] expected = PlainElementwise.unary(op, p, Values.doubles(x));
    try (Buffers b = buffers()) {
      long y = b.blank(x.length);
      backend().elementwise().unary(op, p, b.put(x), y, x.length);
      float[] actual = b.read(y, x.length);
      String what = op + "(" + p + ")";
      if (EXACT.contains(op)) {
        Expect.relative(what, Values.doubles(Values.floats(expected)), actual, 0, 0);
      } else {
        Expect.relative(what, expected, actual, 2e-6, 4e-7 * smallest(op));
      }
    }
  }

  /// The activations lose digits where they come near zero from large arguments.
  private static double smallest(Unary op) {
    return switch (op) {
      case TANH, SIGMOID, SILU, GELU_TANH, GELU_ERF, ERF, SOFTPLUS, LOG -> 1;
      default -> 0;
    };
  }

  private void checkBackward(Unary op, float p, float[] x, Random random) {
    int count = x.length;
    float[] dy = Values.normal(random, count);
    float[] before = Values.normal(random, count);
    double[] expected =
        PlainElementwise.unaryBackward(op, p, Values.doubles(x), Values.doubles(dy));
    try (Buffers b = buffers()) {
      long in = b.put(x);
      long y = b.blank(count);
      backend().elementwise().unary(op, p, in, y, count);
      long v = read(op, in, y);
      long dx = b.blank(count);
      long over = b.put(dy);
      long sum = b.put(before);
      backend().elementwise().unaryBackward(op, p, v, b.put(dy), new Gradient(dx, false), count);
      backend().elementwise().unaryBackward(op, p, v, over, new Gradient(over, false), count);
      backend().elementwise().unaryBackward(op, p, v, b.put(dy), new Gradient(sum, true), count);
      Expect.close(op + " backward", expected, b.read(dx, count), 3e-6);
      Expect.bits(op + " backward in place", b.read(dx, count), b.read(over, count));
      Expect.close(
          op + " backward, added",
          Values.sum(expected, Values.doubles(before)),
          b.read(sum, count),
          3e-6);
    }
  }

  private void limits(Unary op, float[] x, double[] expected) {
    try (Buffers b = buffers()) {
      long y = b.blank(x.length);
      backend().elementwise().unary(op, 0, b.put(x), y, x.length);
      Expect.relative(op.name(), expected, b.read(y, x.length), 2e-6, Float.MIN_NORMAL);
    }
  }

  private void checkBinary(Binary op, Shape xs, Shape ys, float[] x, float[] y) {
    Shape zs = Shape.broadcast(xs, ys);
    int count = (int) zs.elements();
    float[] expected = new float[count];
    for (int i = 0; i < count; i++) {
      expected[i] =
          (float)
              PlainElementwise.binary(
                  op, x[PlainElementwise.source(i, xs, zs)], y[PlainElementwise.source(i, ys, zs)]);
    }
    try (Buffers b = buffers()) {
      long z = b.blank(count);
      backend().elementwise().binary(op, Broadcast.of(xs, ys), b.put(x), b.put(y), z);
      Expect.relative(
          op + " of " + xs + " and " + ys, Values.doubles(expected), b.read(z, count), 0, 0);
    }
  }

  private void checkComparison(Comparison op, Shape xs, Shape ys, float[] x, float[] y) {
    Shape zs = Shape.broadcast(xs, ys);
    int count = (int) zs.elements();
    byte[] expected = new byte[count];
    for (int i = 0; i < count; i++) {
      float left = x[PlainElementwise.source(i, xs, zs)];
      float right = y[PlainElementwise.source(i, ys, zs)];
      expected[i] = (byte) (PlainElementwise.holds(op, left, right) ? 1 : 0);
    }
    try (Buffers b = buffers()) {
      long z = b.blankBytes(count);
      backend().elementwise().compare(op, false, Broadcast.of(xs, ys), b.put(x), b.put(y), z);
      assertArrayEquals(expected, b.readBytes(z, count), op + " of " + xs + " and " + ys);
    }
  }

  private static double[] coarse(Random random, Shape shape) {
    return random.doubles(shape.elements(), -2, 3).map(Math::floor).toArray();
  }

  private static Shape[] broadcastable(Random random) {
    int rank = random.nextInt(5);
    long[] x = new long[rank];
    long[] y = new long[rank];
    for (int i = 0; i < rank; i++) {
      int size = AXES[random.nextInt(AXES.length)];
      int who = random.nextInt(4);
      x[i] = who == 0 ? 1 : size;
      y[i] = who == 1 ? 1 : size;
    }
    int missing = rank == 0 ? 0 : random.nextInt(rank);
    return random.nextBoolean()
        ? new Shape[] {Shape.of(x), Shape.of(Arrays.copyOfRange(y, missing, rank))}
        : new Shape[] {Shape.of(Arrays.copyOfRange(x, missing, rank)), Shape.of(y)};
  }

  private static float parameter(Unary op, Random random) {
    return op == Unary.POWER
        ? Values.oneOf(random, 1, 2, 3, 4) * 0.5f
        : (float) random.nextGaussian();
  }

  /// Arguments where the function is defined and its derivative of moderate size.
  private static float[] arguments(Unary op, Random random, int count) {
    return switch (op) {
      case LOG, SQRT, RSQRT, POWER, RECIPROCAL -> Values.uniform(random, count, 0.2f, 9);
      case EXP, TANH, SIGMOID, SILU, GELU_TANH, GELU_ERF, ERF, SOFTPLUS ->
          Values.uniform(random, count, -9, 9);
      default -> Values.normal(random, count);
    };
  }
}
