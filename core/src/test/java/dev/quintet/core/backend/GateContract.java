package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Unary;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What every backend's gate of a gated feed-forward layer must do.
public abstract class GateContract extends BackendContract {
  private static final int[] COUNTS = {0, 1, 3, 8, 16, 17, 31, 100, 1023, 4099, 30_001};

  @ParameterizedTest
  @EnumSource(names = {"RELU", "SILU", "GELU_TANH", "GELU_ERF"})
  void gates(Unary activation) {
    Values.trials(20, random -> check(activation, Values.oneOf(random, COUNTS), random));
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    for (Unary activation : new Unary[] {Unary.RELU, Unary.SILU, Unary.GELU_TANH, Unary.GELU_ERF}) {
      for (int count : new int[] {29, 30_011}) {
        float[] gate = Values.uniform(new Random(1), count, -6, 6);
        float[] up = Values.normal(new Random(2), count);
        assertSameBits(
            count < 100 ? 1200 : 8,
            b -> {
              long g = b.put(gate);
              long u = b.put(up);
              long y = b.blank(3L * count);
              backend().gate().gated(activation, g, u, y, count);
              backend()
                  .gate()
                  .gatedBackward(
                      activation, g, u, y, y + 4L * count, false, y + 8L * count, false, count);
              return b.read(y, 3L * count);
            });
      }
    }
  }

  private void check(Unary activation, int count, Random random) {
    float[] gate = Values.uniform(random, count, -7, 7);
    float[] up = Values.normal(random, count);
    float[] dy = Values.normal(random, count);
    float[] before = Values.normal(random, count);
    double[] y = new double[count];
    double[] dGate = new double[count];
    double[] dUp = new double[count];
    for (int i = 0; i < count; i++) {
      double f = PlainElementwise.unary(activation, 0, gate[i]);
      y[i] = f * up[i];
      dUp[i] = dy[i] * f;
      dGate[i] = (double) dy[i] * up[i] * PlainElementwise.derivative(activation, 0, gate[i]);
    }
    try (Buffers b = buffers()) {
      long g = b.put(gate);
      long u = b.put(up);
      long out = b.blank(count);
      backend().gate().gated(activation, g, u, out, count);
      Expect.close(activation + " gate", y, b.read(out, count), 1e-6);
      for (int flags = 0; flags < 16; flags++) {
        boolean addGate = (flags & 1) != 0;
        boolean addUp = (flags & 2) != 0;
        long toGate = (flags & 4) != 0 ? 0 : addGate ? b.put(before) : b.blank(count);
        long toUp = (flags & 8) != 0 ? 0 : addUp ? b.put(before) : b.blank(count);
        backend()
            .gate()
            .gatedBackward(activation, g, u, b.put(dy), toGate, addGate, toUp, addUp, count);
        checkGradient("dGate", b, dGate, toGate, addGate, before);
        checkGradient("dUp", b, dUp, toUp, addUp, before);
      }
      long over = b.put(dy);
      long toGate = b.blank(count);
      backend().gate().gatedBackward(activation, g, u, over, toGate, false, over, false, count);
      checkGradient("dGate beside dUp in place", b, dGate, toGate, false, before);
      checkGradient("dUp in place", b, dUp, over, false, before);
    }
  }

  private static void checkGradient(
      String what, Buffers b, double[] expected, long address, boolean added, float[] before) {
    if (address != 0) {
      double[] sum = added ? Values.sum(expected, Values.doubles(before)) : expected;
      Expect.close(what, sum, b.read(address, sum.length), 2e-6);
    }
  }
}
