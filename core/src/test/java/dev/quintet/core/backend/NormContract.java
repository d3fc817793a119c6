package dev.quintet.core.backend;

import dev.quintet.core.shape.DType;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every backend's norms must do.
public abstract class NormContract extends BackendContract {
  private static final int[] ROWS = {1, 2, 3, 9, 33, 70};
  private static final int[] WIDTHS = {1, 2, 3, 7, 8, 15, 16, 17, 33, 96, 100, 128, 513};

  /// Elements of rows to be tried.
  protected int[] widths() {
    return WIDTHS;
  }

  /// Those for all choices of types.
  private int[] typed() {
    return aligned() ? new int[] {64, 768, 2048} : new int[] {33};
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void computesNormsAndTheirGradients(boolean centred) {
    Values.trials(
        40,
        random ->
            check(centred, Values.oneOf(random, ROWS), Values.oneOf(random, widths()), random));
    check(centred, 1500, 33, new Random(1));
    check(centred, 3, 4099, new Random(2));
  }

  @Test
  void doesNothingWithoutRows() {
    try (Buffers b = buffers()) {
      long none = b.blank(0);
      long dw = b.blank(9);
      NormCall call = new NormCall(0, 9, 1e-6f, Types.F32);
      NormRows rows = new NormRows(none, b.put(Values.normal(new Random(1), 9)), none);
      backend().norm().norm(call, rows, none);
      backend()
          .norm()
          .normBackward(call, rows, none, Gradient.NONE, new Gradient(dw, false), Gradient.NONE);
      Expect.bits("weight's gradient", new float[9], b.read(dw, 9));
    }
  }

  @Test
  void keepsRowsOfZerosFinite() {
    try (Buffers b = buffers()) {
      NormCall call = new NormCall(2, 19, 1e-6f, Types.F32);
      long x = b.put(new float[2 * 19]);
      long w = b.put(Values.normal(new Random(1), 19));
      long y = b.blank(2 * 19);
      long statistics = b.blank(4);
      backend().norm().norm(call, new NormRows(x, w, statistics), y);
      Expect.close("zeros", new double[38], b.read(y, 38), 0);
      Expect.relative("rstd", new double[] {1e3, 1e3}, b.read(statistics, 2), 1e-5, 0);
      backend().norm().norm(call, new NormRows(x, w, x, statistics, statistics + 8), y);
      Expect.close("zeros", new double[38], b.read(y, 38), 0);
    }
  }

  /// The squares of deviations are not the difference of two large sums.
  @Test
  void normalisesRowsFarFromZero() {
    float[] x = Values.normal(new Random(5), 6 * 100);
    for (int i = 0; i < x.length; i++) {
      x[i] += 300;
    }
    float[] w = Values.normal(new Random(6), 100);
    float[] bias = Values.normal(new Random(7), 100);
    double[] expected =
        PlainNorm.norm(1e-5f, Values.doubles(x), Values.doubles(w), Values.doubles(bias));
    try (Buffers b = buffers()) {
      long y = b.blank(600);
      NormRows rows = new NormRows(b.put(x), b.put(w), b.put(bias), b.blank(6), b.blank(6));
      backend().norm().norm(new NormCall(6, 100, 1e-5f, Types.F32), rows, y);
      Expect.close("layer norm", expected, b.read(y, 600), 1e-4);
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    int[][] sizes = {{3, 21}, {700, 40}, {70, 600}};
    for (int[] s : sizes) {
      int count = s[0] * s[1];
      NormCall call = new NormCall(s[0], s[1], 1e-6f, Types.F32);
      Random random = new Random(8);
      float[] x = Values.normal(random, count);
      float[] w = Values.normal(random, s[1]);
      float[] dy = Values.normal(random, count);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long in = b.put(x);
            long weight = b.put(w);
            long gradient = b.put(dy);
            long statistics = b.blank(2L * s[0] + 4L * count + 3L * s[1]);
            long y = statistics + 8L * s[0];
            long dx = y + 8L * count;
            long dw = dx + 8L * count;
            NormKernels norm = backend().norm();
            NormRows rms = new NormRows(in, weight, statistics);
            norm.norm(call, rms, y);
            norm.normBackward(call, rms, gradient, stored(dx), stored(dw), Gradient.NONE);
            NormRows layer = new NormRows(in, weight, weight, statistics, statistics + 4L * s[0]);
            norm.norm(call, layer, y + 4L * count);
            norm.normBackward(
                call,
                layer,
                gradient,
                stored(dx + 4L * count),
                stored(dw + 4L * s[1]),
                stored(dw + 8L * s[1]));
            return b.read(statistics, 2L * s[0] + 4L * count + 3L * s[1]);
          });
    }
  }

  /// What bfloat16 holds is what float32 computes of the same values, rounded.
  @Test
  void widensAndNarrowsBfloat16() {
    for (int width : typed()) {
      for (Types types : Values.types()) {
        float[][] expected = ofTypes(width, Types.F32, types);
        float[][] actual = ofTypes(width, types, types);
        DType[] results = {types.out(), types.in(), DType.F32, DType.F32};
        for (int i = 0; i < results.length; i++) {
          String what = types + " of [5, " + width + "], result " + i;
          Expect.bits(what, Values.of(results[i], expected[i]), actual[i]);
        }
      }
    }
  }

  /// y, dx, dw and db of operands of some types, whose values are those of others.
  private float[][] ofTypes(int width, Types types, Types values) {
    NormCall call = new NormCall(5, width, 1e-3f, types);
    int count = 5 * width;
    Random random = new Random(9);
    try (Buffers b = buffers()) {
      long x = b.put(types.in(), Values.of(values.in(), Values.normal(random, count)));
      long w = b.put(types.weight(), Values.of(values.weight(), Values.normal(random, width)));
      long bias = b.put(types.weight(), Values.of(values.weight(), Values.normal(random, width)));
      long dy = b.put(types.out(), Values.of(values.out(), Values.normal(random, count)));
      long dx = b.put(types.in(), Values.of(values.in(), Values.normal(random, count)));
      long y = b.blank(types.out(), count);
      long dw = b.blank(width);
      long db = b.blank(width);
      NormRows rows = new NormRows(x, w, bias, b.blank(5), b.blank(5));
      backend().norm().norm(call, rows, y);
      backend().norm().normBackward(call, rows, dy, new Gradient(dx, true), stored(dw), stored(db));
      return new float[][] {
        b.read(types.out(), y, count),
        b.read(types.in(), dx, count),
        b.read(dw, width),
        b.read(db, width)
      };
    }
  }

  @Test
  void computesTheSumOfAResidualAndItsNorm() {
    Values.trials(
        12,
        random -> {
          int batch = 1 + random.nextInt(4);
          int length = 1 + random.nextInt(9);
          int width = Values.oneOf(random, widths());
          checkResidual(batch, length, width, random.nextBoolean() ? 0 : 0.3f, random);
        });
  }

  /// The float32 sum of a branch in bfloat16, normed to bfloat16.
  @Test
  void addsABranchOfBfloat16ToASumOfFloat32() {
    Types narrow = new Types(DType.F32, DType.F32, DType.BF16);
    for (int width : typed()) {
      float[][] expected = residualOfTypes(width, Types.F32, narrow);
      float[][] actual = residualOfTypes(width, narrow, narrow);
      DType[] results = {DType.F32, DType.BF16, DType.F32, DType.BF16};
      for (int i = 0; i < results.length; i++) {
        String what = "width " + width + ", result " + i;
        Expect.bits(what, Values.of(results[i], expected[i]), actual[i]);
      }
    }
  }

  /// The sum, y, dSum and dBranch.
  private float[][] residualOfTypes(int width, Types types, Types values) {
    NormCall call = new NormCall(6, width, 1e-3f, types);
    DropoutMask mask = new DropoutMask(0.3f, 1, 2, 3, 4);
    DropoutCall dropout =
        new DropoutCall(mask, 2, 3L * width, new Types(types.out(), types.out(), types.in()));
    int count = 6 * width;
    Random random = new Random(9);
    try (Buffers b = buffers()) {
      long x = b.put(Values.normal(random, count));
      long branch = b.put(types.out(), Values.of(values.out(), Values.normal(random, count)));
      long dy = b.put(types.out(), Values.of(values.out(), Values.normal(random, count)));
      long w = b.put(Values.normal(random, width));
      long y = b.blank(types.out(), count);
      long dSum = b.put(Values.normal(random, count));
      long dBranch = b.blank(types.out(), count);
      NormRows rows = new NormRows(b.blank(count), w, b.blank(6));
      backend().norm().residualNorm(call, dropout, x, branch, rows, y);
      backend()
          .norm()
          .residualNormBackward(
              call,
              dropout,
              rows,
              dy,
              new Gradient(dSum, true),
              stored(dBranch),
              stored(b.blank(width)));
      return new float[][] {
        b.read(rows.x(), count),
        b.read(types.out(), y, count),
        b.read(dSum, count),
        b.read(types.out(), dBranch, count)
      };
    }
  }

  /// Tokens without padding drop what they would in their places of a padded batch, by the seed and step of a run state.
  @Test
  void drawsABranchsDropoutByPlacesAndRunState() {
    for (int width : aligned() ? new int[] {64, 1088} : new int[] {5, 70}) {
      int[] places = {7, 0, 7, 1, 9, 31, 8, 5};
      int count = 4 * width;
      Random random = new Random(width);
      NormCall call = new NormCall(4, width, 1e-3f, Types.F32);
      DropoutMask mask = new DropoutMask(0.4f, 1, 2, 3, 4);
      float[] x = Values.normal(random, count);
      float[] branch = Values.normal(random, count);
      branch[3] = Float.POSITIVE_INFINITY;
      double[] sum = new double[count];
      double[] factors = new double[count];
      for (int i = 0; i < count; i++) {
        int row = i / width;
        int element = places[2 * row + 1] * width + i % width;
        factors[i] = PlainDropout.factor(mask, places[2 * row], element);
        branch[i] = factors[i] == 0 || Float.isFinite(branch[i]) ? branch[i] : 1;
        sum[i] = x[i] + (factors[i] == 0 ? 0 : branch[i] * factors[i]);
      }
      try (Buffers b = buffers()) {
        long state = b.put(new RunState.Inputs(1, 2, 1, 0, 1).words());
        var read = new DropoutMask(0.4f, 99, 99, 3, 3, state, b.put(places));
        DropoutCall dropout = new DropoutCall(read, 4, width, Types.F32);
        NormRows rows =
            new NormRows(b.blank(count), b.put(Values.normal(random, width)), b.blank(4));
        long y = b.blank(count);
        NormKernels norm = backend().norm();
        norm.residualNorm(call, dropout, b.put(x), b.put(branch), rows, y);
        Expect.close("sum", sum, b.read(rows.x(), count), 2e-7);
        Gradient dSum = stored(b.blank(count));
        Gradient dBranch = stored(b.blank(count));
        norm.residualNormBackward(
            call, dropout, rows, b.put(x), dSum, dBranch, stored(b.blank(width)));
        double[] dropped = Values.doubles(b.read(dSum.address(), count));
        for (int i = 0; i < count; i++) {
          dropped[i] = (float) (dropped[i] * factors[i]);
        }
        Expect.relative("dBranch", dropped, b.read(dBranch.address(), count), 0, 0);
      }
    }
  }

  private void checkResidual(int batch, int length, int width, float p, Random random) {
    int rows = batch * length;
    int count = rows * width;
    NormCall call = new NormCall(rows, width, 1e-3f, Types.F32);
    DropoutMask mask = new DropoutMask(p, 1, 2, 3, 4);
    DropoutCall dropout = new DropoutCall(mask, batch, (long) length * width, Types.F32);
    float[] x = Values.normal(random, count);
    float[] branch = Values.normal(random, count);
    float[] w = Values.normal(random, width);
    float[] dy = Values.normal(random, count);
    float[] before = Values.normal(random, count);
    double[] factors = PlainDropout.factors(mask, batch, length * width);
    double[] sum = new double[count];
    for (int i = 0; i < count; i++) {
      sum[i] = x[i] + branch[i] * factors[i];
    }
    PlainNorm.Gradients expected =
        PlainNorm.backward(1e-3f, false, sum, Values.doubles(w), Values.doubles(dy));
    try (Buffers b = buffers()) {
      long y = b.blank(count);
      NormRows at = new NormRows(b.blank(count), b.put(w), b.blank(rows));
      backend().norm().residualNorm(call, dropout, b.put(x), b.put(branch), at, y);
      Expect.close("sum", sum, b.read(at.x(), count), 2e-7);
      double[] normed = PlainNorm.norm(1e-3f, sum, Values.doubles(w));
      Expect.close("norm of the sum", normed, b.read(y, count), 4e-6);
      for (int flags = 0; flags < 8; flags++) {
        boolean add = (flags & 1) != 0;
        Gradient dSum =
            (flags & 2) != 0 ? new Gradient(b.put(before), true) : stored(b.blank(count));
        Gradient dBranch =
            (flags & 4) != 0
                ? Gradient.NONE
                : new Gradient(add ? b.put(before) : b.blank(count), add);
        Gradient dw = stored(b.blank(width));
        backend().norm().residualNormBackward(call, dropout, at, b.put(dy), dSum, dBranch, dw);
        double[] total =
            dSum.add() ? Values.sum(expected.x(), Values.doubles(before)) : expected.x();
        double[] dropped = new double[count];
        for (int i = 0; i < count; i++) {
          dropped[i] = total[i] * factors[i];
        }
        Expect.close("dSum", total, b.read(dSum.address(), count), 1e-5);
        checkGradient("dBranch", b, dropped, dBranch, before, 1e-5);
        checkGradient("dw", b, expected.weight(), dw, before, 1e-5);
      }
    }
  }

  private void check(boolean centred, int rows, int width, Random random) {
    float epsilon = random.nextBoolean() ? centred ? 1e-3f : 1e-6f : 1e-2f;
    NormCall call = new NormCall(rows, width, epsilon, Types.F32);
    int count = rows * width;
    float[] x = Values.normal(random, count);
    float[] w = Values.normal(random, width);
    float[] bias = Values.normal(random, centred ? width : 0);
    float[] dy = Values.normal(random, count);
    float[] dxBefore = Values.normal(random, count);
    float[] dwBefore = Values.normal(random, width);
    double[] wide = Values.doubles(x);
    double[] weights = Values.doubles(w);
    PlainNorm.Gradients expected =
        PlainNorm.backward(epsilon, centred, wide, weights, Values.doubles(dy));
    try (Buffers b = buffers()) {
      long y = b.blank(count);
      long rstd = b.blank(rows);
      NormRows at =
          centred
              ? new NormRows(b.put(x), b.put(w), b.put(bias), b.blank(rows), rstd)
              : new NormRows(b.put(x), b.put(w), rstd);
      backend().norm().norm(call, at, y);
      String what = (centred ? "layer" : "rms") + " norm of [" + rows + ", " + width + "]";
      double[] forward = PlainNorm.norm(epsilon, wide, weights, Values.doubles(bias));
      Expect.close(what, forward, b.read(y, count), centred ? 4e-6 : 1e-6);
      double[] means = new double[rows];
      double[] rstds = new double[rows];
      for (int r = 0; r < rows; r++) {
        means[r] = centred ? PlainNorm.mean(wide, r * width, width) : 0;
        rstds[r] = PlainNorm.rstd(epsilon, means[r], wide, r * width, width);
      }
      if (centred) {
        Expect.relative(what + ", mean", means, b.read(at.mean(), rows), 1e-6, 1e-6);
      }
      Expect.relative(what + ", rstd", rstds, b.read(rstd, rows), centred ? 4e-6 : 1e-6, 0);

      for (int flags = 0; flags < (centred ? 32 : 16); flags++) {
        boolean addX = (flags & 1) != 0;
        boolean addW = (flags & 2) != 0;
        Gradient dx = gradient(b, (flags & 4) != 0, addX, dxBefore);
        Gradient dw = gradient(b, (flags & 8) != 0, addW, dwBefore);
        Gradient db = gradient(b, !centred || (flags & 16) != 0, addW, dwBefore);
        backend().norm().normBackward(call, at, b.put(dy), dx, dw, db);
        checkGradient(what + ", dx", b, expected.x(), dx, dxBefore, 1e-5);
        checkGradient(what + ", dw", b, expected.weight(), dw, dwBefore, 1e-5);
        checkGradient(what + ", db", b, expected.bias(), db, dwBefore, 1e-5);
      }
    }
  }
}
