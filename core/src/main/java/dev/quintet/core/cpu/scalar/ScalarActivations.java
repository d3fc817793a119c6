package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.work.Workspace.floats;

import dev.quintet.core.backend.ElementwiseKernels.Reads;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.cpu.work.Native;

/// The functions of one argument and their derivatives over arrays, one loop each.
public final class ScalarActivations {
  private static final float ROOT_2_OVER_PI = 0.7978845608f;
  private static final float GELU_CUBIC = 0.044715f;
  private static final float ROOT_HALF = 0.70710678118f;
  private static final float ROOT_HALF_OVER_PI = 0.3989422804f;

  private static final float TWO_OVER_ROOT_PI = 1.1283791670955126f;

  /// The scratch array of sigmoids.
  private static final int SIGMOIDS = 11;

  private ScalarActivations() {}

  /// y = f(x).
  public static void apply(Unary op, float p, float[] x, float[] y, int n) {
    switch (op) {
      case NEGATE -> {
        for (int i = 0; i < n; i++) {
          y[i] = -x[i];
        }
      }
      case ABS -> {
        for (int i = 0; i < n; i++) {
          y[i] = Math.abs(x[i]);
        }
      }
      case EXP -> ScalarMath.exp(x, y, n);
      case LOG -> {
        for (int i = 0; i < n; i++) {
          y[i] = ScalarMath.log(x[i]);
        }
      }
      case SQRT -> {
        for (int i = 0; i < n; i++) {
          y[i] = (float) Math.sqrt(x[i]);
        }
      }
      case RSQRT -> {
        for (int i = 0; i < n; i++) {
          y[i] = 1f / (float) Math.sqrt(x[i]);
        }
      }
      case SQUARE -> {
        for (int i = 0; i < n; i++) {
          y[i] = x[i] * x[i];
        }
      }
      case POWER -> {
        for (int i = 0; i < n; i++) {
          y[i] = ScalarMath.power(x[i], p);
        }
      }
      case RECIPROCAL -> {
        for (int i = 0; i < n; i++) {
          y[i] = 1f / x[i];
        }
      }
      case TANH -> {
        for (int i = 0; i < n; i++) {
          y[i] = ScalarMath.tanh(x[i]);
        }
      }
      case SIGMOID -> sigmoid(x, y, n);
      case RELU -> {
        for (int i = 0; i < n; i++) {
          y[i] = Math.max(x[i], 0f);
        }
      }
      case SILU -> {
        float[] s = sigmoid(x, floats(SIGMOIDS, n), n);
        for (int i = 0; i < n; i++) {
          y[i] = x[i] * s[i];
        }
      }
      case GELU_TANH -> {
        float[] s = geluSigmoid(x, floats(SIGMOIDS, n), n);
        for (int i = 0; i < n; i++) {
          y[i] = x[i] * s[i];
        }
      }
      case GELU_ERF -> {
        for (int i = 0; i < n; i++) {
          y[i] = 0.5f * x[i] * (1f + ScalarMath.erf(x[i] * ROOT_HALF));
        }
      }
      case ERF -> {
        for (int i = 0; i < n; i++) {
          y[i] = ScalarMath.erf(x[i]);
        }
      }
      case SIN -> {
        for (int i = 0; i < n; i++) {
          y[i] = ScalarMath.sin(x[i]);
        }
      }
      case COS -> {
        for (int i = 0; i < n; i++) {
          y[i] = ScalarMath.cos(x[i]);
        }
      }
      case SOFTPLUS -> {
        for (int i = 0; i < n; i++) {
          y[i] = ScalarMath.softplus(x[i]);
        }
      }
      case ADD_SCALAR -> {
        for (int i = 0; i < n; i++) {
          y[i] = x[i] + p;
        }
      }
      case MULTIPLY_SCALAR -> {
        for (int i = 0; i < n; i++) {
          y[i] = p * x[i];
        }
      }
      case MAXIMUM_SCALAR -> {
        for (int i = 0; i < n; i++) {
          y[i] = Math.max(x[i], p);
        }
      }
      case MINIMUM_SCALAR -> {
        for (int i = 0; i < n; i++) {
          y[i] = Math.min(x[i], p);
        }
      }
    }
  }

  /// What the derivative of a function is computed of: elements from `from` on, or anything where it reads nothing.
  public static float[] read(Unary op, long v, long from, int n) {
    return op.reads() == Reads.NOTHING
        ? floats(0, n)
        : ScalarScratch.load(0, Native.at(v, from), n);
  }

  /// d = f'(x), computed of v, which is what the function reads.
  static void derivative(Unary op, float p, float[] v, float[] d, int n) {
    switch (op) {
      case NEGATE -> java.util.Arrays.fill(d, 0, n, -1f);
      case ABS -> {
        for (int i = 0; i < n; i++) {
          d[i] = Math.signum(v[i]);
        }
      }
      case EXP -> System.arraycopy(v, 0, d, 0, n);
      case LOG -> {
        for (int i = 0; i < n; i++) {
          d[i] = 1f / v[i];
        }
      }
      case SQRT -> {
        for (int i = 0; i < n; i++) {
          d[i] = 0.5f / v[i];
        }
      }
      case RSQRT -> {
        for (int i = 0; i < n; i++) {
          d[i] = -0.5f * v[i] * v[i] * v[i];
        }
      }
      case SQUARE -> {
        for (int i = 0; i < n; i++) {
          d[i] = 2f * v[i];
        }
      }
      case POWER -> {
        for (int i = 0; i < n; i++) {
          d[i] = p == 0 ? 0 : p * ScalarMath.power(v[i], p - 1f);
        }
      }
      case SIN -> {
        for (int i = 0; i < n; i++) {
          d[i] = ScalarMath.cos(v[i]);
        }
      }
      case COS -> {
        for (int i = 0; i < n; i++) {
          d[i] = -ScalarMath.sin(v[i]);
        }
      }
      case RECIPROCAL -> {
        for (int i = 0; i < n; i++) {
          d[i] = -v[i] * v[i];
        }
      }
      case TANH -> {
        for (int i = 0; i < n; i++) {
          float y = ScalarMath.tanh(v[i]);
          d[i] = 1f - y * y;
        }
      }
      case SIGMOID -> {
        float[] y = sigmoid(v, d, n);
        for (int i = 0; i < n; i++) {
          d[i] = y[i] * (1f - y[i]);
        }
      }
      case RELU -> {
        for (int i = 0; i < n; i++) {
          d[i] = v[i] > 0 ? 1f : 0f;
        }
      }
      case SILU -> {
        float[] s = sigmoid(v, d, n);
        for (int i = 0; i < n; i++) {
          d[i] = s[i] * (1f + v[i] * (1f - s[i]));
        }
      }
      case GELU_TANH -> {
        float[] s = geluSigmoid(v, d, n);
        for (int i = 0; i < n; i++) {
          float slope = 2f * ROOT_2_OVER_PI * (1f + 3f * GELU_CUBIC * v[i] * v[i]);
          d[i] = s[i] * (1f + v[i] * (1f - s[i]) * slope);
        }
      }
      case GELU_ERF -> {
        for (int i = 0; i < n; i++) {
          d[i] = -0.5f * v[i] * v[i];
        }
        ScalarMath.exp(d, d, n);
        for (int i = 0; i < n; i++) {
          float phi = 0.5f * (1f + ScalarMath.erf(v[i] * ROOT_HALF));
          d[i] = phi + v[i] * (ROOT_HALF_OVER_PI * d[i]);
        }
      }
      case ERF -> {
        for (int i = 0; i < n; i++) {
          d[i] = -v[i] * v[i];
        }
        ScalarMath.exp(d, d, n);
        for (int i = 0; i < n; i++) {
          d[i] *= TWO_OVER_ROOT_PI;
        }
      }
      case SOFTPLUS -> sigmoid(v, d, n);
      case ADD_SCALAR -> java.util.Arrays.fill(d, 0, n, 1f);
      case MULTIPLY_SCALAR -> java.util.Arrays.fill(d, 0, n, p);
      case MAXIMUM_SCALAR -> {
        for (int i = 0; i < n; i++) {
          d[i] = v[i] >= p ? 1f : 0f;
        }
      }
      case MINIMUM_SCALAR -> {
        for (int i = 0; i < n; i++) {
          d[i] = v[i] <= p ? 1f : 0f;
        }
      }
    }
  }

  /// y = 1 / (1 + e^-x), and returns it.
  private static float[] sigmoid(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = -x[i];
    }
    ScalarMath.exp(y, y, n);
    for (int i = 0; i < n; i++) {
      y[i] = 1f / (1f + y[i]);
    }
    return y;
  }

  /// y = (1 + tanh(u)) / 2 = sigmoid(2 u), with u the inner polynomial of GELU, and returns it.
  private static float[] geluSigmoid(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = 2f * ROOT_2_OVER_PI * (x[i] + GELU_CUBIC * x[i] * x[i] * x[i]);
    }
    return sigmoid(y, y, n);
  }
}
