package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.shape.DType;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What every backend's gate of a gated feed-forward layer must do.
public abstract class GateContract extends BackendContract {
  private static final int[] WIDTHS = {0, 1, 3, 8, 16, 17, 31, 100, 1023, 4099, 30_001};

  @ParameterizedTest
  @EnumSource(names = {"RELU", "SILU", "GELU_TANH", "GELU_ERF"})
  void gates(Unary activation) {
    Values.trials(
        20,
        random -> {
          int width = Values.oneOf(random, WIDTHS);
          float p = random.nextBoolean() ? 0 : 0.3f;
          check(call(activation, p, 1 + random.nextInt(3), width, DType.F32), random);
        });
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    for (Unary activation : new Unary[] {Unary.RELU, Unary.SILU, Unary.GELU_TANH, Unary.GELU_ERF}) {
      for (int count : new int[] {29, 30_011}) {
        float[] gate = Values.uniform(new Random(1), count, -6, 6);
        float[] up = Values.normal(new Random(2), count);
        GateCall call = call(activation, 0, 1, count, DType.F32);
        assertSameBits(
            count < 100 ? 1200 : 8,
            b -> {
              long g = b.put(gate);
              long u = b.put(up);
              long y = b.blank(3L * count);
              Gradient dGate = stored(y + 4L * count);
              backend().gate().gated(call, g, u, y);
              backend().gate().gatedBackward(call, g, u, y, dGate, stored(y + 8L * count));
              return b.read(y, 3L * count);
            });
      }
    }
  }

  /// What bfloat16 holds is what float32 computes of the same values, rounded.
  @Test
  void widensAndNarrowsBfloat16() {
    for (float p : new float[] {0, 0.3f}) {
      float[][] expected = ofType(DType.F32, p);
      float[][] actual = ofType(DType.BF16, p);
      for (int i = 0; i < expected.length; i++) {
        Expect.bits("result " + i, Values.of(DType.BF16, expected[i]), actual[i]);
      }
    }
  }

  /// The products before a gate, and the gate of what they are stored as: whether or not somebody wants to have them.
  @ParameterizedTest
  @EnumSource(names = {"RELU", "SILU", "GELU_TANH", "GELU_ERF"})
  void multipliesAndGates(Unary activation) {
    Values.trials(
        8,
        random -> {
          DType type = random.nextBoolean() ? DType.F32 : DType.BF16;
          int rows = random.nextInt(4);
          int tokens = Values.oneOf(random, 1, 7, 90);
          int n = Values.oneOf(random, 1, 17, 64, 136, 192);
          int k = Values.oneOf(random, 1, 8, 40, 136);
          try (Buffers b = buffers()) {
            checkProduct(b, activation, type, rows, tokens, n, k, random);
          }
        });
  }

  /// As many rows as kernels of large tiles are taken for.
  @Test
  void multipliesAndGatesManyRows() {
    try (Buffers b = Buffers.aligned(backend())) {
      checkProduct(b, Unary.GELU_TANH, DType.BF16, 2, 512, 1024, 64, new Random(3));
    }
  }

  private void checkProduct(
      Buffers b, Unary activation, DType type, int rows, int tokens, int n, int k, Random random) {
    int m = rows * tokens;
    float[] x = Values.of(type, Values.normal(random, (long) m * k));
    float[] first = Values.of(type, Values.normal(random, (long) n * k));
    float[] second = Values.of(type, Values.normal(random, (long) n * k));
    int[] places = new int[2 * m];
    for (int i = 0; i < m; i++) {
      places[2 * i] = random.nextInt(9);
      places[2 * i + 1] = random.nextInt(100);
    }
    int kind = random.nextInt(3); // no mask, one of rows, one of tokens without padding
    var mask = new DropoutMask(kind == 0 ? 0 : 0.3f, 1, 2, 3, 4);
    Types types = Types.of(type);
    var dropout =
        kind == 2
            ? new DropoutCall(mask.withPlaces(b.put(places)), m, n, types)
            : new DropoutCall(mask, rows, (long) tokens * n, types);
    var call = new GateCall(activation, dropout);
    Product product = Product.nt(m, n, k).withTypes(types);
    long in = b.put(type, x);
    long w0 = b.put(type, first);
    long w1 = b.put(type, second);
    long count = (long) m * n;
    long gate = b.blank(type, count);
    long up = b.blank(type, count);
    long y = b.blank(type, count);
    long alone = b.blank(type, count);
    backend().gate().gatedProduct(call, product, in, w0, w1, gate, up, y);
    backend().gate().gatedProduct(call, product, in, w0, w1, 0, 0, alone);
    float[] actual = b.read(type, y, count);
    Expect.bits("y alone", actual, b.read(type, alone, count));
    float[] f = b.read(type, gate, count);
    float[] g = b.read(type, up, count);
    double rounding = type == DType.F32 ? 1e-5 : 4e-3;
    Product line = Product.nt(1, n, k);
    for (int i = 0; i < m; i += m < 500 ? 1 : 37) {
      double[] a = Values.doubles(Arrays.copyOfRange(x, i * k, (i + 1) * k));
      float[] factor = Arrays.copyOfRange(f, i * n, (i + 1) * n);
      float[] other = Arrays.copyOfRange(g, i * n, (i + 1) * n);
      Expect.close("gate", plain(line, a, first), factor, rounding);
      Expect.close("up", plain(line, a, second), other, rounding);
      double[] expected = new double[n];
      for (int j = 0; j < n; j++) {
        long element = (long) (kind == 2 ? places[2 * i + 1] : i % tokens) * n + j;
        double kept = PlainDropout.factor(mask, kind == 2 ? places[2 * i] : i / tokens, element);
        expected[j] = PlainElementwise.unary(activation, 0, factor[j]) * other[j] * kept;
      }
      float[] found = Arrays.copyOfRange(actual, i * n, (i + 1) * n);
      Expect.relative("y of " + call + ", row " + i, expected, found, rounding, 1e-5);
    }
  }

  private static double[] plain(Product product, double[] a, float[] b) {
    return PlainMatmul.multiply(product, a, Values.doubles(b), new double[product.n()]);
  }

  @Test
  void multipliesAndGatesWithTheSameBitsOnAnyNumberOfThreads() {
    int m = 65;
    int n = 193;
    int k = 72;
    GateCall call = call(Unary.GELU_TANH, 0.1f, m, n, DType.F32);
    float[] x = Values.normal(new Random(1), (long) m * k);
    float[] first = Values.normal(new Random(2), (long) n * k);
    float[] second = Values.normal(new Random(3), (long) n * k);
    assertSameBits(
        8,
        b -> {
          long y = b.blank((long) m * n);
          backend()
              .gate()
              .gatedProduct(
                  call, Product.nt(m, n, k), b.put(x), b.put(first), b.put(second), 0, 0, y);
          return b.read(y, (long) m * n);
        });
  }

  /// y, dGate, added to, and dUp of operands of a type, whose values bfloat16 holds.
  private float[][] ofType(DType type, float p) {
    GateCall call = call(Unary.GELU_TANH, p, 2, 90, type);
    Random random = new Random(9);
    try (Buffers b = buffers()) {
      long[] operands = new long[4]; // gate, up, dy, dGate
      for (int i = 0; i < operands.length; i++) {
        operands[i] = b.put(type, Values.of(DType.BF16, Values.normal(random, 180)));
      }
      long y = b.blank(type, 180);
      long dUp = b.blank(type, 180);
      Gradient dGate = new Gradient(operands[3], true);
      backend().gate().gated(call, operands[0], operands[1], y);
      backend()
          .gate()
          .gatedBackward(call, operands[0], operands[1], operands[2], dGate, stored(dUp));
      return new float[][] {
        b.read(type, y, 180), b.read(type, operands[3], 180), b.read(type, dUp, 180)
      };
    }
  }

  private static GateCall call(Unary activation, float p, int rows, int width, DType type) {
    DropoutMask mask = new DropoutMask(p, 1, 2, 3, 4);
    return new GateCall(activation, new DropoutCall(mask, rows, width, Types.of(type)));
  }

  private void check(GateCall call, Random random) {
    Unary activation = call.activation();
    int count = (int) call.dropout().elements();
    float[] gate = Values.uniform(random, count, -7, 7);
    float[] up = Values.normal(random, count);
    float[] dy = Values.normal(random, count);
    float[] before = Values.normal(random, count);
    double[] factors =
        PlainDropout.factors(
            call.dropout().mask(), call.dropout().rows(), (int) call.dropout().width());
    double[] y = new double[count];
    double[] dGate = new double[count];
    double[] dUp = new double[count];
    for (int i = 0; i < count; i++) {
      double f = PlainElementwise.unary(activation, 0, gate[i]);
      double d = dy[i] * factors[i];
      y[i] = f * up[i] * factors[i];
      dUp[i] = d * f;
      dGate[i] = d * up[i] * PlainElementwise.derivative(activation, 0, gate[i]);
    }
    GateKernels kernels = backend().gate();
    try (Buffers b = buffers()) {
      long g = b.put(gate);
      long u = b.put(up);
      long out = b.blank(count);
      kernels.gated(call, g, u, out);
      Expect.close(activation + " gate", y, b.read(out, count), 1e-6);
      for (int flags = 0; flags < 16; flags++) {
        Gradient toGate = gradient(b, (flags & 4) != 0, (flags & 1) != 0, before);
        Gradient toUp = gradient(b, (flags & 8) != 0, (flags & 2) != 0, before);
        kernels.gatedBackward(call, g, u, b.put(dy), toGate, toUp);
        checkGradient("dGate", b, dGate, toGate, before, 2e-6);
        checkGradient("dUp", b, dUp, toUp, before, 2e-6);
      }
      Gradient over = stored(b.put(dy));
      Gradient toGate = stored(b.blank(count));
      kernels.gatedBackward(call, g, u, over.address(), toGate, over);
      checkGradient("dGate beside dUp in place", b, dGate, toGate, before, 2e-6);
      checkGradient("dUp in place", b, dUp, over, before, 2e-6);
      long both = b.blank(count);
      kernels.gatedBackward(call, g, u, b.put(dy), stored(both), new Gradient(both, true));
      checkGradient("of one operand twice", b, Values.sum(dGate, dUp), stored(both), before, 2e-6);
    }
  }
}
