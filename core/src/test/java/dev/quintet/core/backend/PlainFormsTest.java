package dev.quintet.core.backend;

import static dev.quintet.core.backend.CentralDifferences.assertGradient;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.ElementwiseKernels.Unary;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The gradients that the contract tests take for the truth, held to central differences.
class PlainFormsTest {
  private final Random random = new Random(20260101);

  @ParameterizedTest
  @EnumSource(Unary.class)
  void derivativesOfFunctionsAreTheirDifferences(Unary op) {
    double p = 1.7;
    double[] x = random.doubles(50, 0.05, 4).toArray();
    if (op != Unary.POWER && op != Unary.LOG && op != Unary.SQRT && op != Unary.RSQRT) {
      for (int i = 0; i < 25; i++) {
        x[i] = -x[i];
      }
    }
    for (double at : x) { // one at a time, so that a steep one hides none that is flat
      double[] dy = {1};
      assertGradient(
          op + " at " + at,
          z -> PlainElementwise.unary(op, p, z),
          new double[] {at},
          dy,
          PlainElementwise.unaryBackward(op, p, new double[] {at}, dy));
    }
  }

  @Test
  void softmaxGradientsAreDifferences() {
    double[] x = normal(3 * 7);
    double[] dy = normal(3 * 7);
    assertGradient(
        "softmax",
        z -> PlainSoftmax.softmax(7, z),
        x,
        dy,
        PlainSoftmax.softmaxBackward(7, PlainSoftmax.softmax(7, x), dy));
    assertGradient(
        "log softmax",
        z -> PlainSoftmax.logSoftmax(7, z),
        x,
        dy,
        PlainSoftmax.logSoftmaxBackward(7, PlainSoftmax.logSoftmax(7, x), dy));
  }

  @Test
  void normGradientsAreDifferences() {
    double[] x = normal(3 * 5);
    double[] w = normal(5);
    double[] bias = normal(5);
    double[] dy = normal(3 * 5);
    double e = 1e-3;
    var rms = PlainNorm.backward(e, false, x, w, dy);
    assertGradient("x", z -> PlainNorm.norm(e, z, w), x, dy, rms.x());
    assertGradient("weight", z -> PlainNorm.norm(e, x, z), w, dy, rms.weight());
    var layer = PlainNorm.backward(e, true, x, w, dy);
    assertGradient("x", z -> PlainNorm.norm(e, z, w, bias), x, dy, layer.x());
    assertGradient("weight", z -> PlainNorm.norm(e, x, z, bias), w, dy, layer.weight());
    assertGradient("bias", z -> PlainNorm.norm(e, x, w, z), bias, dy, layer.bias());
  }

  @Test
  void crossEntropyGradientsAreDifferences() {
    int[] labels = {2, -100, 0, 5};
    double[] logits = normal(4 * 6);
    for (float s : new float[] {0, 0.1f}) {
      for (float z : new float[] {0, 0.2f}) {
        var call = new LossCall(4, 6, -100, s, z, 0.5f, 0, Types.F32);
        assertGradient(
            "logits",
            x -> PlainLoss.crossEntropy(call, x, labels),
            logits,
            new double[] {0.75, 0.75, 0.75, 0.75},
            PlainLoss.crossEntropyBackward(call, logits, labels, 1.5));
      }
    }
  }

  @Test
  void attentionGradientsAreDifferences() {
    int[] mask = {1, 1, 0, 1, 1, 0, 0, 0, 0, 0};
    AttentionCall call =
        AttentionCall.of(2, 2, 3, 5, 2)
            .withScale(0.8f)
            .withKeyBatchStride(5 * 2 * 2 + 4)
            .withBias(AttentionCall.Bias.table(0, 2))
            .withMasks(new AttentionCall.Masks(AttentionCall.Kind.MASK, 0, 0, true, 1))
            .withDropout(new DropoutMask(0.3f, 7, 1, 99, 4));
    double[] bias = normal(2 * 5);
    double[] q = normal(2 * 3 * 2 * 2);
    double[] k = normal(2 * 24);
    double[] v = normal(2 * 24);
    double[] dy = normal(2 * 3 * 2 * 2);
    var plain = new PlainAttention(call, bias, mask, mask);
    var gradients = plain.backward(q, k, v, dy);
    assertGradient("q", z -> plain.forward(z, k, v).out(), q, dy, gradients.q());
    assertGradient("k", z -> plain.forward(q, z, v).out(), k, dy, gradients.k());
    assertGradient("v", z -> plain.forward(q, k, z).out(), v, dy, gradients.v());
    assertGradient(
        "bias",
        z -> new PlainAttention(call, z, mask, mask).forward(q, k, v).out(),
        bias,
        dy,
        gradients.bias());
  }

  @Test
  void knownValuesOfGelu() {
    double[] x = {-3, -1, -0.1, 0.5, 1, 3};
    double[] tanh = {-0.0036374, -0.1588080, -0.0460172, 0.3457140, 0.8411920, 2.9963627};
    double[] erf = {-0.0040499, -0.1586553, -0.0460172, 0.3457312, 0.8413447, 2.9959500};
    for (int i = 0; i < x.length; i++) {
      assertEquals(tanh[i], PlainElementwise.unary(Unary.GELU_TANH, 0, x[i]), 5e-7);
      assertEquals(erf[i], PlainElementwise.unary(Unary.GELU_ERF, 0, x[i]), 5e-7);
    }
  }

  private double[] normal(int count) {
    return Values.doubles(Values.normal(random, count));
  }
}
