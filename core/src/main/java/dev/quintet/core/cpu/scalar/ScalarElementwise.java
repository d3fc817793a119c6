package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;
import static dev.quintet.core.cpu.scalar.ScalarScratch.store;
import static dev.quintet.core.cpu.work.Workspace.floats;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.backend.Broadcast;
import dev.quintet.core.backend.ElementwiseKernels;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Element by element functions without the Vector API.
public class ScalarElementwise implements ElementwiseKernels {

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
    lines(
        axes,
        ScalarScratch.CHUNK,
        (inX, xStep, inY, yStep, inZ, n) -> {
          float[] left = operand(0, x, inX, xStep, n);
          float[] right = operand(1, y, inY, yStep, n);
          combine(op, left, right, n);
          store(left, Native.at(z, inZ), n);
        });
  }

  @Override
  public void binaryInts(Binary op, Broadcast axes, long x, long y, long z) {
    lines(
        axes,
        ScalarScratch.CHUNK,
        (inX, xStep, inY, yStep, inZ, n) -> {
          for (int i = 0; i < n; i++) {
            int a = ScalarScratch.intAt(Native.at(x, inX + i * xStep));
            int b = ScalarScratch.intAt(Native.at(y, inY + i * yStep));
            ScalarScratch.setInt(Native.at(z, inZ + i), combine(op, a, b));
          }
        });
  }

  private static int combine(Binary op, int x, int y) {
    return switch (op) {
      case ADD -> x + y;
      case SUBTRACT -> x - y;
      case MULTIPLY -> x * y;
      case MAXIMUM -> Math.max(x, y);
      case MINIMUM -> Math.min(x, y);
      case DIVIDE, POWER ->
          throw new IllegalArgumentException("binaryInts: " + op + " is none of its functions");
    };
  }

  @Override
  public void compare(Comparison op, boolean integers, Broadcast axes, long x, long y, long z) {
    lines(
        axes,
        Integer.MAX_VALUE,
        (inX, xStep, inY, yStep, inZ, n) -> {
          MemorySegment left = Native.floats(Native.at(x, inX), xStep == 0 ? 1 : n);
          MemorySegment right = Native.floats(Native.at(y, inY), yStep == 0 ? 1 : n);
          MemorySegment truth = Native.bytes(z + inZ, n);
          for (int i = 0; i < n; i++) {
            // exact in float64, of either type
            double a =
                integers
                    ? (double) left.getAtIndex(JAVA_INT_UNALIGNED, i * xStep)
                    : left.getAtIndex(JAVA_FLOAT_UNALIGNED, i * xStep);
            double b =
                integers
                    ? (double) right.getAtIndex(JAVA_INT_UNALIGNED, i * yStep)
                    : right.getAtIndex(JAVA_FLOAT_UNALIGNED, i * yStep);
            boolean holds =
                switch (op) {
                  case EQUAL -> a == b;
                  case NOT_EQUAL -> a != b;
                  case LESS -> a < b;
                  case LESS_OR_EQUAL -> a <= b;
                  case GREATER -> a > b;
                  case GREATER_OR_EQUAL -> a >= b;
                };
            truth.set(JAVA_BYTE, i, holds ? (byte) 1 : 0);
          }
        });
  }

  @Override
  public void select(long condition, long x, long y, long z, long count) {
    Cuts.elements(
        count,
        (from, n) -> {
          MemorySegment holds = Native.bytes(condition + from, n);
          MemorySegment left = Native.floats(Native.at(x, from), n);
          MemorySegment right = Native.floats(Native.at(y, from), n);
          MemorySegment to = Native.floats(Native.at(z, from), n);
          for (int i = 0; i < n; i++) {
            int a = left.getAtIndex(JAVA_INT_UNALIGNED, i);
            int b = right.getAtIndex(JAVA_INT_UNALIGNED, i);
            to.setAtIndex(JAVA_INT_UNALIGNED, i, holds.get(JAVA_BYTE, i) != 0 ? a : b);
          }
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
      case POWER -> {
        for (int i = 0; i < n; i++) {
          x[i] = ScalarMath.power(x[i], y[i]);
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

  /// The work on a piece of the innermost axis: where it begins in both operands and the result, and the operands'
  /// steps.
  @FunctionalInterface
  protected interface Piece {
    /// Works on `n` elements; a step of 0 repeats one.
    void run(long inX, long xStep, long inY, long yStep, long inZ, int n);
  }

  /// Runs `piece` over all lines along the innermost axis, in pieces of at most `longest` elements.
  protected static void lines(Broadcast axes, int longest, Piece piece) {
    int last = axes.rank() - 1;
    int width = axes.sizes()[last];
    long xStep = axes.xStrides()[last];
    long yStep = axes.yStrides()[last];
    if ((xStep | yStep) >>> 1 != 0) {
      throw new IllegalArgumentException(
          "an elementwise kernel reads its innermost axis with stride 0 or 1, not "
              + xStep
              + " and "
              + yStep);
    }
    long rows = width == 0 ? 0 : axes.elements() / width;
    if (rows == 1) {
      Cuts.elements(
          width,
          (from, n) -> {
            for (long at = from; at < from + n; at += longest) {
              int count = (int) Math.min(longest, from + n - at);
              piece.run(at * xStep, xStep, at * yStep, yStep, at, count);
            }
          });
      return;
    }
    Cuts.items(
        rows,
        width,
        (first, many) -> {
          for (long row = first; row < first + many; row++) {
            long inX = offset(axes, axes.xStrides(), row);
            long inY = offset(axes, axes.yStrides(), row);
            for (long at = 0; at < width; at += longest) {
              int count = (int) Math.min(longest, width - at);
              piece.run(inX + at * xStep, xStep, inY + at * yStep, yStep, row * width + at, count);
            }
          }
        });
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
