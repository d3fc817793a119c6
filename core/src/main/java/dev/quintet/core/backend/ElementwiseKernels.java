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
  /// @param v address of what [Unary#reads] says: the argument, the result f(x), or 0 for neither
  /// @param dy address of the result's gradient
  /// @param dx the argument's gradient
  /// @param count elements
  void unaryBackward(Unary op, float parameter, long v, long dy, Gradient dx, long count);

  /// z = f(x, y) with broadcasting. `z` may be an operand that is not broadcast.
  ///
  /// @param op the function
  /// @param axes the common axes and each operand's strides
  /// @param x address of the first operand
  /// @param y address of the second operand
  /// @param z address of the contiguous result
  void binary(Binary op, Broadcast axes, long x, long y, long z);

  /// [#binary] of int32 operands, which wraps around as Java's does.
  ///
  /// @param op the function; neither [Binary#DIVIDE] nor [Binary#POWER]
  void binaryInts(Binary op, Broadcast axes, long x, long y, long z);

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
    NEGATE(Reads.NOTHING),
    /// |x|; derivative 0 at 0
    ABS(Reads.ARGUMENT),
    /// e^x
    EXP(Reads.RESULT),
    /// ln x
    LOG(Reads.ARGUMENT),
    /// the square root
    SQRT(Reads.RESULT),
    /// 1 / sqrt(x)
    RSQRT(Reads.RESULT),
    /// x²
    SQUARE(Reads.ARGUMENT),
    /// x^p
    POWER(Reads.ARGUMENT),
    /// 1 / x
    RECIPROCAL(Reads.RESULT),
    /// the hyperbolic tangent
    TANH(Reads.ARGUMENT),
    /// 1 / (1 + e^-x)
    SIGMOID(Reads.ARGUMENT),
    /// max(x, 0); derivative 0 at 0
    RELU(Reads.RESULT),
    /// x sigmoid(x)
    SILU(Reads.ARGUMENT),
    /// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³)))
    GELU_TANH(Reads.ARGUMENT),
    /// x Phi(x), with the error function
    GELU_ERF(Reads.ARGUMENT),
    /// the error function
    ERF(Reads.ARGUMENT),
    /// the sine, of radians
    SIN(Reads.ARGUMENT),
    /// the cosine, of radians
    COS(Reads.ARGUMENT),
    /// ln(1 + e^x)
    SOFTPLUS(Reads.ARGUMENT),
    /// x + p
    ADD_SCALAR(Reads.NOTHING),
    /// p x
    MULTIPLY_SCALAR(Reads.NOTHING),
    /// max(x, p); the gradient passes where x >= p
    MAXIMUM_SCALAR(Reads.ARGUMENT),
    /// min(x, p); the gradient passes where x <= p
    MINIMUM_SCALAR(Reads.ARGUMENT);

    private final Reads reads;

    Unary(Reads reads) {
      this.reads = reads;
    }

    /// What the derivative is computed of: whichever of argument and result gives it at less cost or error.
    public Reads reads() {
      return reads;
    }
  }

  /// What a derivative is computed of beside the result's gradient.
  enum Reads {
    /// Neither.
    NOTHING,
    /// The argument x.
    ARGUMENT,
    /// The result f(x).
    RESULT
  }

  /// The functions of two arguments. All of them pass NaN on, but x^0, which is 1.
  enum Binary {
    /// x + y
    ADD,
    /// x - y
    SUBTRACT,
    /// x y
    MULTIPLY,
    /// x / y
    DIVIDE,
    /// x^y
    POWER,
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
