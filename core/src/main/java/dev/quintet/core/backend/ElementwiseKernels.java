package dev.quintet.core.backend;

/// Functions applied element by element.
public interface ElementwiseKernels {

  /// y = f(x). `y` may be `x`.
  ///
  /// @param op the function
  /// @param parameter its number, for those that take one
  /// @param x address of the argument
  /// @param y address of the result
  /// @param count elements
  void unary(Unary op, float parameter, long x, long y, long count);

  /// dx = dy f'(x), or dx += dy f'(x). `dx` may be `dy`.
  ///
  /// @param op the function
  /// @param parameter its number, for those that take one
  /// @param x address of the argument
  /// @param y address of the result f(x)
  /// @param dy address of the result's gradient
  /// @param dx address of the argument's gradient
  /// @param accumulate whether to add to `dx`
  /// @param count elements
  void unaryBackward(
      Unary op, float parameter, long x, long y, long dy, long dx, boolean accumulate, long count);

  /// z = f(x, y) with broadcasting. `z` may be an operand that is not broadcast.
  ///
  /// @param op the function
  /// @param axes the common axes and each operand's strides
  /// @param x address of the first operand
  /// @param y address of the second operand
  /// @param z address of the contiguous result
  void binary(Binary op, Broadcast axes, long x, long y, long z);

  /// z = x op y as bytes 0 or 1, with broadcasting.
  ///
  /// @param op the relation
  /// @param integers whether the operands are int32 rather than float32
  /// @param axes the common axes and each operand's strides
  /// @param x address of the first operand
  /// @param y address of the second operand
  /// @param z address of the contiguous result, one byte an element
  void compare(Comparison op, boolean integers, Broadcast axes, long x, long y, long z);

  /// z = condition ? x : y for contiguous operands of one size, float32 or int32.
  ///
  /// @param condition address of bytes 0 or 1
  /// @param x address of what is taken where the condition holds
  /// @param y address of what is taken elsewhere
  /// @param z address of the result
  /// @param count elements
  void select(long condition, long x, long y, long z, long count);

  /// y += scale x.
  ///
  /// @param scale the factor
  /// @param x address of the summand
  /// @param y address of the sum
  /// @param count elements
  void addScaled(float scale, long x, long y, long count);

  /// The functions of one argument; `p` is the parameter. All of them pass NaN on.
  enum Unary {
    /// -x
    NEGATE,
    /// |x|; derivative 0 at 0
    ABS,
    /// e^x
    EXP,
    /// ln x
    LOG,
    /// the square root
    SQRT,
    /// 1 / sqrt(x)
    RSQRT,
    /// x²
    SQUARE,
    /// x^p
    POWER,
    /// 1 / x
    RECIPROCAL,
    /// the hyperbolic tangent
    TANH,
    /// 1 / (1 + e^-x)
    SIGMOID,
    /// max(x, 0); derivative 0 at 0
    RELU,
    /// x sigmoid(x)
    SILU,
    /// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³)))
    GELU_TANH,
    /// x Phi(x), with the error function
    GELU_ERF,
    /// the error function
    ERF,
    /// ln(1 + e^x)
    SOFTPLUS,
    /// x + p
    ADD_SCALAR,
    /// p x
    MULTIPLY_SCALAR,
    /// max(x, p); the gradient passes where x >= p
    MAXIMUM_SCALAR,
    /// min(x, p); the gradient passes where x <= p
    MINIMUM_SCALAR
  }

  /// The functions of two arguments. All of them pass NaN on.
  enum Binary {
    /// x + y
    ADD,
    /// x - y
    SUBTRACT,
    /// x y
    MULTIPLY,
    /// x / y
    DIVIDE,
    /// the larger
    MAXIMUM,
    /// the smaller
    MINIMUM
  }

  /// The relations.
  enum Comparison {
    /// x == y
    EQUAL,
    /// x != y
    NOT_EQUAL,
    /// x < y
    LESS,
    /// x <= y
    LESS_OR_EQUAL,
    /// x > y
    GREATER,
    /// x >= y
    GREATER_OR_EQUAL
  }
}
