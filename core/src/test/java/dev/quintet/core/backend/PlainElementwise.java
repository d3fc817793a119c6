package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.shape.Shape;

/// Element by element functions and their derivatives as they are defined.
final class PlainElementwise {
  private static final double ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);

  private PlainElementwise() {}

  /// f(x), with the parameter p.
  static double unary(Unary op, double p, double x) {
    return switch (op) {
      case NEGATE -> -x;
      case ABS -> Math.abs(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case RSQRT -> 1 / Math.sqrt(x);
      case SQUARE -> x * x;
      case POWER -> Math.pow(x, p);
      case RECIPROCAL -> 1 / x;
      case TANH -> Math.tanh(x);
      case SIGMOID -> sigmoid(x);
      case RELU -> Math.max(x, 0);
      case SILU -> x * sigmoid(x);
      case GELU_TANH -> 0.5 * x * (1 + Math.tanh(ROOT_2_OVER_PI * (x + 0.044715 * x * x * x)));
      case GELU_ERF -> x * phi(x);
      case ERF -> erf(x);
      case SIN -> Math.sin(x);
      case COS -> Math.cos(x);
      case SOFTPLUS -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      case ADD_SCALAR -> x + p;
      case MULTIPLY_SCALAR -> p * x;
      case MAXIMUM_SCALAR -> Math.max(x, p);
      case MINIMUM_SCALAR -> Math.min(x, p);
    };
  }

  /// f'(x), with the parameter p.
  static double derivative(Unary op, double p, double x) {
    return switch (op) {
      case NEGATE -> -1;
      case ABS -> Math.signum(x);
      case EXP -> Math.exp(x);
      case LOG -> 1 / x;
      case SQRT -> 0.5 / Math.sqrt(x);
      case RSQRT -> -0.5 / (x * Math.sqrt(x));
      case SQUARE -> 2 * x;
      case POWER -> p == 0 ? 0 : p * Math.pow(x, p - 1);
      case RECIPROCAL -> -1 / (x * x);
      case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
      case SIGMOID -> sigmoid(x) * sigmoid(-x);
      case RELU -> x > 0 ? 1 : 0;
      case SILU -> sigmoid(x) * (1 + x * sigmoid(-x));
      case GELU_TANH -> {
        double t = Math.tanh(ROOT_2_OVER_PI * (x + 0.044715 * x * x * x));
        double inner = ROOT_2_OVER_PI * (1 + 3 * 0.044715 * x * x);
        yield 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner;
      }
      case GELU_ERF -> phi(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case ERF -> 2 / Math.sqrt(Math.PI) * Math.exp(-x * x);
      case SIN -> Math.cos(x);
      case COS -> -Math.sin(x);
      case SOFTPLUS -> sigmoid(x);
      case ADD_SCALAR -> 1;
      case MULTIPLY_SCALAR -> p;
      case MAXIMUM_SCALAR -> x >= p ? 1 : 0;
      case MINIMUM_SCALAR -> x <= p ? 1 : 0;
    };
  }

  static double[] unary(Unary op, double p, double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = unary(op, p, x[i]);
    }
    return y;
  }

  /// dy f'(x).
  static double[] unaryBackward(Unary op, double p, double[] x, double[] dy) {
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      dx[i] = dy[i] * derivative(op, p, x[i]);
    }
    return dx;
  }

  static double binary(Binary op, double x, double y) {
    return switch (op) {
      case ADD -> x + y;
      case SUBTRACT -> x - y;
      case MULTIPLY -> x * y;
      case DIVIDE -> x / y;
      case POWER -> StrictMath.pow(x, y);
      case MAXIMUM -> Math.max(x, y);
      case MINIMUM -> Math.min(x, y);
    };
  }

  static boolean holds(Comparison op, double x, double y) {
    return switch (op) {
      case EQUAL -> x == y;
      case NOT_EQUAL -> x != y;
      case LESS -> x < y;
      case LESS_OR_EQUAL -> x <= y;
      case GREATER -> x > y;
      case GREATER_OR_EQUAL -> x >= y;
    };
  }

  /// Where the element of `operand` lies that meets element `index` of the broadcast shape.
  static int source(int index, Shape operand, Shape broadcast) {
    int place = 0;
    int step = 1;
    int rest = index;
    for (int axis = 1; axis <= broadcast.rank(); axis++) {
      int at = rest % broadcast.dim(-axis);
      rest /= broadcast.dim(-axis);
      if (axis <= operand.rank()) {
        place += operand.dim(-axis) == 1 ? 0 : at * step;
        step *= operand.dim(-axis);
      }
    }
    return place;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /// The distribution function of the normal distribution.
  private static double phi(double x) {
    return 0.5 * (1 + erf(x / Math.sqrt(2)));
  }

  /// The error function, by its series of positive terms (Abramowitz and Stegun 7.1.6).
  private static double erf(double x) {
    if (!(Math.abs(x) < 6)) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
}
