package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;
import static dev.quintet.core.cpu.scalar.ScalarScratch.store;
import static dev.quintet.core.cpu.work.Workspace.floats;

import dev.quintet.core.backend.Broadcast;
import dev.quintet.core.backend.ElementwiseKernels;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.util.Arrays;

/// Element by element functions without the Vector API.
public final class ScalarElementwise implements ElementwiseKernels {

  @Override
  public void unary(Unary op, float parameter, long x, long y, long count) {
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] values = load(0, Native.at(x, from), n);
          ScalarActivations.apply(op, parameter, values, values, n);
          store(values, Native.at(y, from), n);
        });
  }

  @Override
  public void unaryBackward(Unary op, float parameter, long v, long dy, Gradient dx, long count) {
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] read = ScalarActivations.read(op, v, from, n);
          float[] gradient = load(1, Native.at(dy, from), n);
          float[] slope = floats(2, n);
          ScalarActivations.derivative(op, parameter, read, slope, n);
          for (int i = 0; i < n; i++) {
            gradient[i] *= slope[i];
          }
          ScalarRows.put(gradient, Native.at(dx.address(), from), n, dx.add(), 0);
        });
  }

  @Override
  public void binary(Binary op, Broadcast axes, long x, long y, long z) {
    eachRow(
        axes,
        (inX, inY, inZ, n) -> {
          float[] left = operand(0, x, inX, xStep(axes), n);
          float[] right = operand(1, y, inY, yStep(axes), n);
          combine(op, left, right, n);
          store(left, Native.at(z, inZ), n);
        });
  }

  @Override
  public void compare(Comparison op, boolean integers, Broadcast axes, long x, long y, long z) {
    eachRow(
        axes,
        (inX, inY, inZ, n) -> {
          byte[] truth = Workspace.bytes(n);
          if (integers) {
            long rightStep = yStep(axes);
            int[] left = ScalarScratch.loadInts(Native.at(x, inX), xStep(axes) == 0 ? 1 : n);
            for (int i = 0; i < n; i++) {
              int a = left[xStep(axes) == 0 ? 0 : i];
              int b = ScalarScratch.intAt(Native.at(y, inY + i * rightStep));
              truth[i] = truth(op, Integer.compare(a, b), false);
            }
          } else {
            float[] left = operand(0, x, inX, xStep(axes), n);
            float[] right = operand(1, y, inY, yStep(axes), n);
            for (int i = 0; i < n; i++) {
              float a = left[i];
              float b = right[i];
              truth[i] = truth(op, a < b ? -1 : a > b ? 1 : 0, Float.isNaN(a) || Float.isNaN(b));
            }
          }
          store(truth, z + inZ, n);
        });
  }

  @Override
  public void select(long condition, long x, long y, long z, long count) {
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          byte[] holds = ScalarScratch.loadBytes(condition + from, n);
          int[] chosen = ScalarScratch.loadInts(Native.at(y, from), n);
          for (int i = 0; i < n; i++) {
            if (holds[i] != 0) {
              chosen[i] = ScalarScratch.intAt(Native.at(x, from + i));
            }
          }
          store(chosen, Native.at(z, from), n);
        });
  }

  @Override
  public void addScaled(float scale, long x, long y, long count) {
    ScalarScratch.chunks(
        count,
        (from, n) -> {
          float[] summand = load(0, Native.at(x, from), n);
          float[] sum = load(1, Native.at(y, from), n);
          for (int i = 0; i < n; i++) {
            sum[i] += scale * summand[i];
          }
          store(sum, Native.at(y, from), n);
        });
  }

  private static byte truth(Comparison op, int order, boolean unordered) {
    boolean holds =
        switch (op) {
          case EQUAL -> order == 0 && !unordered;
          case NOT_EQUAL -> order != 0 || unordered;
          case LESS -> order < 0;
          case LESS_OR_EQUAL -> order <= 0 && !unordered;
          case GREATER -> order > 0;
          case GREATER_OR_EQUAL -> order >= 0 && !unordered;
        };
    return holds ? (byte) 1 : 0;
  }

  private static void combine(Binary op, float[] x, float[] y, int n) {
    switch (op) {
      case ADD -> {
        for (int i = 0; i < n; i++) {
          x[i] += y[i];
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < n; i++) {
          x[i] -= y[i];
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < n; i++) {
          x[i] *= y[i];
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < n; i++) {
          x[i] /= y[i];
        }
      }
      case MAXIMUM -> {
        for (int i = 0; i < n; i++) {
          x[i] = Math.max(x[i], y[i]);
        }
      }
      case MINIMUM -> {
        for (int i = 0; i < n; i++) {
          x[i] = Math.min(x[i], y[i]);
        }
      }
    }
  }

  /// Elements from `from` on, or one of them repeated.
  private static float[] operand(int number, long address, long from, long step, int n) {
    if (step != 0) {
      return load(number, Native.at(address, from), n);
    }
    float[] repeated = floats(number, n);
    Arrays.fill(repeated, 0, n, ScalarScratch.floatAt(Native.at(address, from)));
    return repeated;
  }

  /// The work on a piece of the innermost axis: where it begins in both operands and the result.
  @FunctionalInterface
  private interface Piece {
    void run(long inX, long inY, long inZ, int count);
  }

  private static void eachRow(Broadcast axes, Piece piece) {
    int width = axes.sizes()[axes.rank() - 1];
    long rows = width == 0 ? 0 : axes.elements() / width;
    if (rows == 1) {
      ScalarScratch.chunks(
          width, (from, n) -> piece.run(from * xStep(axes), from * yStep(axes), from, n));
      return;
    }
    Cuts.items(
        rows,
        width,
        (first, many) -> {
          for (long row = first; row < first + many; row++) {
            long inX = offset(axes, axes.xStrides(), row);
            long inY = offset(axes, axes.yStrides(), row);
            for (int from = 0; from < width; from += ScalarScratch.CHUNK) {
              piece.run(
                  inX + from * xStep(axes),
                  inY + from * yStep(axes),
                  row * width + from,
                  Math.min(ScalarScratch.CHUNK, width - from));
            }
          }
        });
  }

  private static long xStep(Broadcast axes) {
    return axes.xStrides()[axes.rank() - 1];
  }

  private static long yStep(Broadcast axes) {
    return axes.yStrides()[axes.rank() - 1];
  }

  /// Where row `row` of all axes but the last begins in an operand.
  private static long offset(Broadcast axes, long[] strides, long row) {
    long offset = 0;
    long rest = row;
    for (int axis = axes.rank() - 2; axis >= 0; axis--) {
      offset += rest % axes.sizes()[axis] * strides[axis];
      rest /= axes.sizes()[axis];
    }
    return offset;
  }
}
