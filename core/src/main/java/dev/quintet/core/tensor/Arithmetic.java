package dev.quintet.core.tensor;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.op.Elementwise;
import java.util.Objects;

/// What a [Tensor] computes element by element.
///
/// Operands are float32. Sums, differences, products, negatives, magnitudes, squares, bounds and the larger or smaller
/// of two are there for int32 as well, without a gradient, and wrap around as Java's do; a number beside int32 is
/// whole. Two operands are broadcast: axes are aligned at the end, and an axis of size 1 stretches.
public sealed interface Arithmetic permits Tensor {

  /// x + y, with broadcasting.
  default Tensor add(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.ADD, self(), y);
  }

  /// x + y
  default Tensor add(float y) {
    return Elementwise.unary(Unary.ADD_SCALAR, y, self());
  }

  /// x - y, with broadcasting.
  default Tensor subtract(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.SUBTRACT, self(), y);
  }

  /// x - y
  default Tensor subtract(float y) {
    return add(-y);
  }

  /// x y, with broadcasting.
  default Tensor multiply(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.MULTIPLY, self(), y);
  }

  /// x y
  default Tensor multiply(float y) {
    return Elementwise.unary(Unary.MULTIPLY_SCALAR, y, self());
  }

  /// x / y, with broadcasting.
  default Tensor divide(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.DIVIDE, self(), y);
  }

  /// x / y
  default Tensor divide(float y) {
    return Elementwise.quotient(self(), y);
  }

  /// The larger of x and y, with broadcasting; equal operands share the gradient.
  default Tensor maximum(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.MAXIMUM, self(), y);
  }

  /// The smaller of x and y, with broadcasting; equal operands share the gradient.
  default Tensor minimum(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.MINIMUM, self(), y);
  }

  /// x held between two bounds.
  default Tensor clamp(float lowest, float highest) {
    return unary(Unary.MAXIMUM_SCALAR, lowest).unary(Unary.MINIMUM_SCALAR, highest);
  }

  /// x to the power y, with broadcasting; its gradient reaches y where x is not negative.
  default Tensor power(Tensor y) {
    Objects.requireNonNull(y, "y");
    return Elementwise.binary(Binary.POWER, self(), y);
  }

  /// x to a power.
  default Tensor power(float exponent) {
    return unary(Unary.POWER, exponent);
  }

  /// -x
  default Tensor negate() {
    return unary(Unary.NEGATE, 0);
  }

  /// |x|
  default Tensor abs() {
    return unary(Unary.ABS, 0);
  }

  /// e^x
  default Tensor exp() {
    return unary(Unary.EXP, 0);
  }

  /// ln x
  default Tensor log() {
    return unary(Unary.LOG, 0);
  }

  /// The square root.
  default Tensor sqrt() {
    return unary(Unary.SQRT, 0);
  }

  /// 1 / sqrt(x)
  default Tensor rsqrt() {
    return unary(Unary.RSQRT, 0);
  }

  /// 1 / x
  default Tensor reciprocal() {
    return unary(Unary.RECIPROCAL, 0);
  }

  /// x²
  default Tensor square() {
    return unary(Unary.SQUARE, 0);
  }

  /// The sine, of radians.
  default Tensor sin() {
    return unary(Unary.SIN, 0);
  }

  /// The cosine, of radians.
  default Tensor cos() {
    return unary(Unary.COS, 0);
  }

  /// The hyperbolic tangent.
  default Tensor tanh() {
    return unary(Unary.TANH, 0);
  }

  /// 1 / (1 + e^-x)
  default Tensor sigmoid() {
    return unary(Unary.SIGMOID, 0);
  }

  /// ln(1 + e^x), whatever the size of x.
  default Tensor softplus() {
    return unary(Unary.SOFTPLUS, 0);
  }

  /// max(x, 0)
  default Tensor relu() {
    return unary(Unary.RELU, 0);
  }

  /// x sigmoid(x) (Elfwing et al., arXiv 1702.03118).
  default Tensor silu() {
    return unary(Unary.SILU, 0);
  }

  /// GELU in its tanh form (Hendrycks and Gimpel, arXiv 1606.08415), T5's "gelu_new".
  default Tensor geluTanh() {
    return unary(Unary.GELU_TANH, 0);
  }

  /// GELU with the error function.
  default Tensor geluErf() {
    return unary(Unary.GELU_ERF, 0);
  }

  /// Any function of one argument, with its parameter.
  default Tensor unary(Unary function, float parameter) {
    Objects.requireNonNull(function, "function");
    return Elementwise.unary(function, parameter, self());
  }

  private Tensor self() {
    return (Tensor) this;
  }
}
