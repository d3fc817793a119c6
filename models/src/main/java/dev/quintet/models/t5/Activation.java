package dev.quintet.models.t5;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The activations of feed-forward layers, under transformers' names (`ACT2FN` of its `activations.py`).
///
/// Published models use the first few. Of transformers' own, `prelu` and `xielu` are not here: they hold parameters.
public enum Activation {
  /// max(x, 0)
  RELU("relu"),
  /// x Phi(x), with the error function
  GELU("gelu", "gelu_python"),
  /// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³)))
  GELU_TANH("gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_fast", "gelu_accurate"),
  /// x sigmoid(x)
  SILU("silu", "swish"),
  /// the hyperbolic tangent
  TANH("tanh"),
  /// 1 / (1 + e^-x)
  SIGMOID("sigmoid"),
  /// x
  LINEAR("linear"),
  /// x sigmoid(1.702 x)
  QUICK_GELU("quick_gelu"),
  /// GELU, within -10 and 10
  GELU_10("gelu_10"),
  /// max(x, 0)²
  RELU_SQUARED("relu2"),
  /// max(x, 0), at most 6
  RELU_6("relu6"),
  /// x, and x / 100 where it is negative
  LEAKY_RELU("leaky_relu"),
  /// x tanh(ln(1 + e^x))
  MISH("mish"),
  /// x times x + 3 within 0 and 6, over 6
  HARD_SWISH("hardswish"),
  /// the normal distribution about 0.707107 with deviation 0.282095
  LAPLACE("laplace"),
  /// the root of ln(1 + e^x)
  SQRT_SOFTPLUS("sqrtsoftplus");

  private final List<String> names;

  Activation(String... names) {
    this.names = List.of(names);
  }

  /// The activation of one of transformers' names.
  public static Optional<Activation> of(String name) {
    return Arrays.stream(values()).filter(one -> one.names.contains(name)).findFirst();
  }

  /// Its name in files: the first of those that it has.
  public String key() {
    return names.getFirst();
  }

  /// All names, sorted.
  public static List<String> known() {
    return Arrays.stream(values()).flatMap(one -> one.names.stream()).sorted().toList();
  }

  /// f(x), of the shape of x.
  public Tensor apply(Tensor x) {
    return switch (this) {
      case RELU -> x.relu();
      case GELU -> x.geluErf();
      case GELU_TANH -> x.geluTanh();
      case SILU -> x.silu();
      case TANH -> x.tanh();
      case SIGMOID -> x.sigmoid();
      case LINEAR -> x;
      case QUICK_GELU -> x.multiply(x.multiply(1.702f).sigmoid());
      case GELU_10 -> x.geluErf().clamp(-10, 10);
      case RELU_SQUARED -> x.relu().square();
      case RELU_6 -> x.relu().unary(Unary.MINIMUM_SCALAR, 6);
      case LEAKY_RELU -> {
        Tensor zero = Tensor.zeros(Shape.of(1));
        yield x.compare(Comparison.GREATER, zero).where(x, x.multiply(0.01f));
      }
      case MISH -> x.multiply(x.unary(Unary.SOFTPLUS, 0).tanh());
      case HARD_SWISH ->
          x.multiply(x.add(3f).relu().unary(Unary.MINIMUM_SCALAR, 6).multiply(1f / 6));
      case LAPLACE -> {
        float scale = (float) (1 / (0.282095 * Math.sqrt(2)));
        yield x.subtract(0.707107f).multiply(scale).unary(Unary.ERF, 0).multiply(0.5f).add(0.5f);
      }
      case SQRT_SOFTPLUS -> x.unary(Unary.SOFTPLUS, 0).sqrt();
    };
  }

  /// dropout(f(x)), in one operation where there is one.
  Tensor apply(Tensor x, DropoutMask mask) {
    return this == RELU ? x.relu(mask) : apply(x).dropout(mask);
  }

  /// The function of which there is one operation with a gate.
  Optional<Unary> fused() {
    return switch (this) {
      case RELU -> Optional.of(Unary.RELU);
      case GELU -> Optional.of(Unary.GELU_ERF);
      case GELU_TANH -> Optional.of(Unary.GELU_TANH);
      case SILU -> Optional.of(Unary.SILU);
      case TANH,
          SIGMOID,
          LINEAR,
          QUICK_GELU,
          GELU_10,
          RELU_SQUARED,
          RELU_6,
          LEAKY_RELU,
          MISH,
          HARD_SWISH,
          LAPLACE,
          SQRT_SOFTPLUS ->
          Optional.empty();
    };
  }

  /// f(x) y, in one operation where there is one.
  Tensor gate(Tensor x, Tensor y, DropoutMask mask) {
    return fused()
        .map(function -> x.gate(function, y, mask))
        .orElseGet(() -> apply(x).multiply(y).dropout(mask));
  }

  /// Whether the derivative jumps at 0, so that there rounding decides between two gradients.
  public boolean jumpsAtZero() {
    return this == RELU || this == RELU_6 || this == LEAKY_RELU;
  }
}
