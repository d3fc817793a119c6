package dev.quintet.core.cpu.vector;

import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.cpu.lane.EarlyMath;
import dev.quintet.core.cpu.scalar.ScalarActivations;
import dev.quintet.core.cpu.scalar.ScalarMath;
import dev.quintet.core.cpu.scalar.ScalarRows;
import dev.quintet.core.cpu.scalar.ScalarScratch;
import dev.quintet.core.cpu.work.Native;

/// The functions of one argument and their derivatives over arrays, with the bits of `UnaryLoops` and
/// `UnaryBackwardLoops`.
public final class EarlyActivations {
  private EarlyActivations() {}

  /// y = f(x) over memory.
  static void apply(Unary op, float p, long x, long y, long count) {
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] values = ScalarScratch.load(0, Native.at(x, from), n);
          apply(op, p, values, values, n);
          ScalarScratch.store(values, Native.at(y, from), n);
        });
  }

  /// dx = dy f'(x), or added to dx, over memory.
  static void derivative(Unary op, float p, long v, long dy, Gradient dx, long count) {
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] gradient = ScalarScratch.load(1, Native.at(dy, from), n);
          derivative(op, p, ScalarActivations.read(op, v, from, n), gradient, n);
          ScalarRows.put(gradient, Native.at(dx.address(), from), n, dx.add(), 0);
        });
  }

  /// y += scale x over memory, fused.
  static void addScaled(float scale, long x, long y, long count) {
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] summand = ScalarScratch.load(0, Native.at(x, from), n);
          float[] sum = ScalarScratch.load(1, Native.at(y, from), n);
          for (int i = 0; i < n; i++) {
            sum[i] = Math.fma(summand[i], scale, sum[i]);
          }
          ScalarScratch.store(sum, Native.at(y, from), n);
        });
  }

  private static void apply(Unary op, float p, float[] x, float[] y, int n) {
    switch (op) {
      // one operation each, and so correctly rounded in every form
      case NEGATE,
          ABS,
          SQRT,
          RSQRT,
          SQUARE,
          POWER,
          SIN,
          COS,
          RECIPROCAL,
          RELU,
          SOFTPLUS,
          ADD_SCALAR,
          MULTIPLY_SCALAR,
          MAXIMUM_SCALAR,
          MINIMUM_SCALAR ->
          ScalarActivations.apply(op, p, x, y, n);
      case EXP -> {
        for (int i = 0; i < n; i++) {
          y[i] = EarlyMath.expToSubnormal(x[i]);
        }
      }
      case LOG -> {
        for (int i = 0; i < n; i++) {
          y[i] = EarlyMath.log(x[i]);
        }
      }
      case TANH -> {
        for (int i = 0; i < n; i++) {
          y[i] = EarlyMath.tanh(x[i]);
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < n; i++) {
          y[i] = EarlyMath.sigmoid(x[i]);
        }
      }
      case SILU -> {
        for (int i = 0; i < n; i++) {
          y[i] = x[i] * EarlyMath.sigmoid(x[i]);
        }
      }
      case GELU_TANH -> {
        for (int i = 0; i < n; i++) {
          y[i] = x[i] * EarlyMath.geluTanhFactor(x[i]);
        }
      }
      case GELU_ERF -> {
        for (int i = 0; i < n; i++) {
          y[i] = x[i] * EarlyMath.geluErfFactor(x[i]);
        }
      }
      case ERF -> {
        for (int i = 0; i < n; i++) {
          y[i] = EarlyMath.erf(x[i]);
        }
      }
    }
  }

  /// g = g f'(x), computed of v, which is what the function reads.
  private static void derivative(Unary op, float p, float[] v, float[] g, int n) {
    switch (op) {
      case NEGATE -> ScalarRows.scale(g, -1, n);
      case ABS -> {
        for (int i = 0; i < n; i++) {
          g[i] *= v[i] > 0 ? 1f : v[i] < 0 ? -1f : 0f;
        }
      }
      case EXP -> {
        for (int i = 0; i < n; i++) {
          g[i] *= v[i];
        }
      }
      case LOG -> {
        for (int i = 0; i < n; i++) {
          g[i] /= v[i];
        }
      }
      case SQRT -> {
        for (int i = 0; i < n; i++) {
          g[i] = g[i] * 0.5f / v[i];
        }
      }
      case RSQRT -> {
        for (int i = 0; i < n; i++) {
          g[i] = g[i] * (v[i] * v[i] * v[i]) * -0.5f;
        }
      }
      case SQUARE -> {
        for (int i = 0; i < n; i++) {
          g[i] = g[i] * v[i] * 2f;
        }
      }
      case POWER -> {
        for (int i = 0; i < n; i++) {
          g[i] = (float) (p * StrictMath.pow(v[i], p - 1.0) * g[i]);
        }
      }
      case SIN -> {
        for (int i = 0; i < n; i++) {
          g[i] *= ScalarMath.cos(v[i]);
        }
      }
      case COS -> {
        for (int i = 0; i < n; i++) {
          g[i] *= -ScalarMath.sin(v[i]);
        }
      }
      case RECIPROCAL -> {
        for (int i = 0; i < n; i++) {
          g[i] = -(g[i] * (v[i] * v[i]));
        }
      }
      case TANH -> {
        for (int i = 0; i < n; i++) {
          g[i] = g[i] * EarlyMath.bell(v[i] + v[i]) * 4f;
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < n; i++) {
          g[i] *= EarlyMath.bell(v[i]);
        }
      }
      case RELU -> {
        for (int i = 0; i < n; i++) {
          g[i] = v[i] > 0 ? g[i] : 0f;
        }
      }
      case SILU -> {
        for (int i = 0; i < n; i++) {
          g[i] = EarlyMath.slope(v[i], EarlyMath.sigmoid(v[i])) * g[i];
        }
      }
      case GELU_TANH -> {
        for (int i = 0; i < n; i++) {
          float s = EarlyMath.geluTanhFactor(v[i]);
          g[i] = EarlyMath.slope(EarlyMath.geluTanhRise(v[i]), s) * g[i];
        }
      }
      case GELU_ERF -> {
        for (int i = 0; i < n; i++) {
          g[i] *= EarlyMath.geluErfSlope(v[i], EarlyMath.geluErfFactor(v[i]));
        }
      }
      case ERF -> {
        for (int i = 0; i < n; i++) {
          g[i] = g[i] * EarlyMath.exp(-(v[i] * v[i])) * 1.1283791670955126f;
        }
      }
      case SOFTPLUS -> {
        for (int i = 0; i < n; i++) {
          g[i] *= EarlyMath.sigmoid(v[i]);
        }
      }
      case ADD_SCALAR -> {
        // the gradient as it is
      }
      case MULTIPLY_SCALAR -> ScalarRows.scale(g, p, n);
      case MAXIMUM_SCALAR -> {
        for (int i = 0; i < n; i++) {
          g[i] = v[i] >= p ? g[i] : 0f;
        }
      }
      case MINIMUM_SCALAR -> {
        for (int i = 0; i < n; i++) {
          g[i] = v[i] <= p ? g[i] : 0f;
        }
      }
    }
  }
}
