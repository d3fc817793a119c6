package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationTest {
  private static final float[] X = {-12, -2.5f, -1, -0.1f, 0, 0.5f, 1, 3.5f, 12};

  // Values | derivatives by transformers 5.18 on PyTorch, in float64.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gelu: -0 -0.01552416 -0.1586553 -0.04601722 0 0.3457312 0.8413447 3.499186 12 | -2.57566e-31 -0.03761109 -0.08331547 0.4204769 0.5 0.8674951 1.083315 1.002822 1",
        "gelu_10: -0 -0.01552416 -0.1586553 -0.04601722 0 0.3457312 0.8413447 3.499186 10 | -2.57566e-31 -0.03761109 -0.08331547 0.4204769 0.5 0.8674951 1.083315 1.002822 0",
        "gelu_fast: -0 -0.01508427 -0.158808 -0.04601725 0 0.345714 0.841192 3.499384 12 | 0 -0.03795158 -0.08296408 0.4204782 0.5 0.8673699 1.082964 1.002423 1",
        "gelu_new: -0 -0.01508427 -0.158808 -0.04601725 0 0.345714 0.841192 3.499384 12 | 0 -0.03795158 -0.08296408 0.4204782 0.5 0.8673699 1.082964 1.002423 1",
        "gelu_python: -0 -0.01552416 -0.1586553 -0.04601722 0 0.3457312 0.8413447 3.499186 12 | -2.57566e-31 -0.03761109 -0.08331547 0.4204769 0.5 0.8674951 1.083315 1.002822 1",
        "gelu_pytorch_tanh: -0 -0.01508427 -0.158808 -0.04601725 0 0.345714 0.841192 3.499384 12 | 0 -0.03795158 -0.08296408 0.4204782 0.5 0.8673699 1.082964 1.002423 1",
        "gelu_python_tanh: -0 -0.01508427 -0.158808 -0.04601725 0 0.345714 0.841192 3.499384 12 | 0 -0.03795158 -0.08296408 0.4204782 0.5 0.8673699 1.082964 1.002423 1",
        "gelu_accurate: -0 -0.01508427 -0.158808 -0.04601725 0 0.345714 0.841192 3.499384 12 | 0 -0.03795158 -0.08296408 0.4204782 0.5 0.8673699 1.082964 1.002423 1",
        "hardswish: -0 -0.2083333 -0.3333333 -0.04833333 0 0.2916667 0.6666667 3.5 12 | 0 -0.3333333 0.1666667 0.4666667 0.5 0.6666667 0.8333333 1 1",
        "laplace: 0 0 7.173726e-10 0.002110751 0.00609446 0.2314211 0.8504296 1 1 | 0 1.213036e-28 1.578906e-08 0.02360199 0.06111383 1.080114 0.8249458 7.338194e-22 0",
        "leaky_relu: -0.12 -0.025 -0.01 -0.001 0 0.5 1 3.5 12 | 0.01 0.01 0.01 0.01 0.01 1 1 1 1",
        "linear: -12 -2.5 -1 -0.1 0 0.5 1 3.5 12 | 1 1 1 1 1 1 1 1 1",
        "mish: -7.373032e-05 -0.1968162 -0.3034015 -0.05678858 0 0.3752452 0.8650984 3.493991 12 | -6.75859e-05 -0.1097436 0.05921676 0.5357028 0.6 0.8864244 1.049036 1.009939 1",
        "quick_gelu: -1.618642e-08 -0.03498617 -0.1542042 -0.04575524 0 0.3503884 0.8457958 3.490967 12 | -2.620041e-08 -0.04471867 -0.06777961 0.4153091 0.5 0.8792219 1.06778 1.012754 1",
        "relu: 0 0 0 0 0 0.5 1 3.5 12 | 0 0 0 0 0 1 1 1 1",
        "relu2: 0 0 0 0 0 0.25 1 12.25 144 | 0 0 0 0 0 1 2 7 24",
        "relu6: 0 0 0 0 0 0.5 1 3.5 6 | 0 0 0 0 0 1 1 1 0",
        "sigmoid: 6.144175e-06 0.07585818 0.2689414 0.4750208 0.5 0.6224593 0.7310586 0.9706878 0.9999939 | 6.144137e-06 0.07010372 0.1966119 0.249376 0.25 0.2350037 0.1966119 0.02845302 6.144137e-06",
        "silu: -7.37301e-05 -0.1896455 -0.2689414 -0.04750208 0 0.3112297 0.7310586 3.397407 11.99993 | -6.758547e-05 -0.09940111 0.07232949 0.4500832 0.5 0.7399612 0.9276705 1.070273 1.000068",
        "sqrtsoftplus: 0.002478748 0.2808732 0.5596979 0.8027432 0.8325546 0.9869534 1.145976 1.878763 3.464103 | 0.00123937 0.1350399 0.2402559 0.2958735 0.3002806 0.3153438 0.3189676 0.2583316 0.1443366",
        "swish: -7.37301e-05 -0.1896455 -0.2689414 -0.04750208 0 0.3112297 0.7310586 3.397407 11.99993 | -6.758547e-05 -0.09940111 0.07232949 0.4500832 0.5 0.7399612 0.9276705 1.070273 1.000068",
        "tanh: -1 -0.9866143 -0.7615942 -0.09966799 0 0.4621172 0.7615942 0.9981779 1 | 1.510054e-10 0.02659223 0.4199743 0.9900663 1 0.7864477 0.4199743 0.003640885 1.510054e-10"
      })
  void hasTransformersValuesAndDerivatives(String line) {
    String[] words = line.split(": | \\| ");
    double[] values = numbers(words[1]);
    double[] slopes = numbers(words[2]);
    Activation activation = Activation.of(words[0]).orElseThrow();
    float[] factors = new float[X.length];
    for (int i = 0; i < X.length; i++) {
      factors[i] = 0.25f + i;
    }
    try (var scope = Scope.open(Device.cpu())) {
      Tensor x = Tensor.of(Shape.of(X.length), X).withGradient();
      Tensor y = activation.apply(x);
      y.multiply(Tensor.of(Shape.of(X.length), factors)).sum().backward();
      Tensor gate = Tensor.of(Shape.of(X.length), X).withGradient();
      Tensor up = Tensor.of(Shape.of(X.length), factors).withGradient();
      Tensor gated = activation.gate(gate, up, dev.quintet.core.backend.DropoutMask.NONE);
      gated.sum().backward();
      for (int i = 0; i < X.length; i++) {
        double near = 2e-6 * Math.max(1, Math.abs(values[i]));
        assertEquals(values[i], y.toFloats()[i], near, "f(" + X[i] + ")");
        assertEquals(values[i], up.gradient().toFloats()[i], near, "as the gradient of up");
        assertEquals(factors[i] * values[i], gated.toFloats()[i], factors[i] * near, "gated");
        near = 4e-6 * factors[i] * Math.max(1, Math.abs(slopes[i]));
        double slope = factors[i] * slopes[i];
        assertEquals(slope, x.gradient().toFloats()[i], near, "f'(" + X[i] + ")");
        assertEquals(slope, gate.gradient().toFloats()[i], near, "f'(" + X[i] + "), gated");
      }
    }
  }

  private static double[] numbers(String words) {
    return Arrays.stream(words.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  @Test
  void trap8TheGatedGeluIsTheTanhForm() {
    assertEquals(Activation.GELU_TANH, FeedForwardKind.of("gated-gelu").activation());
    assertEquals(Activation.GELU, FeedForwardKind.of("gelu").activation());
    double[] x = {-3, -1, -0.1, 0.5, 1, 3};
    double[] tanh = {-0.0036374, -0.1588080, -0.0460172, 0.3457140, 0.8411920, 2.9963627};
    double[] erf = {-0.0040499, -0.1586553, -0.0460172, 0.3457312, 0.8413447, 2.9959500};
    try (var scope = Scope.openWithoutGradients(Device.cpu())) {
      for (int i = 0; i < x.length; i++) {
        Tensor one = Tensor.of(Shape.of(1), (float) x[i]);
        assertEquals(tanh[i], Activation.GELU_TANH.apply(one).item(), 3e-7);
        assertEquals(erf[i], Activation.GELU.apply(one).item(), 3e-7);
      }
    }
  }

  @Test
  void allNamesAreKnownOnce() {
    assertEquals(22, Activation.known().size());
    assertEquals(22, Activation.known().stream().distinct().count());
    assertTrue(Activation.of("prelu").isEmpty());
  }
}
