package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.quintet.core.backend.Broadcast;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.cpu.lane.BinaryLoops;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.lane.UnaryBackwardLoops;
import dev.quintet.core.cpu.lane.UnaryLoops;
import dev.quintet.core.cpu.scalar.ScalarElementwise;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.Native;
import java.util.EnumSet;

/// Elementwise functions on vectors; their loops are in [UnaryLoops], [UnaryBackwardLoops] and [BinaryLoops].
public final class VectorElementwise extends ScalarElementwise {
  /// What has no vector form, neither there nor back.
  private static final EnumSet<Unary> PLAIN = EnumSet.of(Unary.POWER, Unary.SIN, Unary.COS);

  private final EarlyForms early;

  /// The kernels that take their early forms so far.
  public VectorElementwise(EarlyForms early) {
    this.early = early;
  }

  @Override
  public void unary(Unary op, float parameter, long x, long y, long count) {
    // no vector form of these keeps its accuracy over the whole range
    if (PLAIN.contains(op) || op == Unary.SOFTPLUS || early.take(count < EarlyForms.WIDE, count)) {
      EarlyActivations.apply(op, parameter, x, y, count);
      return;
    }
    Cuts.elements(count, (from, n) -> forward(op, parameter, at(x, from), at(y, from), n));
  }

  /// y = f(x) for `n` elements, in this thread, of a function that has a vector form.
  public static void values(Unary op, float parameter, long x, long y, int n) {
    forward(op, parameter, x, y, n);
  }

  private static void forward(Unary op, float p, long x, long y, int n) {
    int whole = Tails.whole(n);
    forwardLoop(op, p, x, y, whole);
    if (whole < n) {
      forwardLoop(op, p, Tails.in(0, x, n), Tails.slot(1), Lanes.N);
      Tails.out(1, y, n);
    }
  }

  private static void forwardLoop(Unary op, float p, long x, long y, int n) {
    switch (op) {
      case NEGATE -> UnaryLoops.scale(-1, x, y, n);
      case ABS -> UnaryLoops.abs(x, y, n);
      case EXP -> UnaryLoops.exp(x, y, n);
      case LOG -> UnaryLoops.log(x, y, n);
      case SQRT -> UnaryLoops.sqrt(x, y, n);
      case RSQRT -> UnaryLoops.rsqrt(x, y, n);
      case SQUARE -> UnaryLoops.square(x, y, n);
      case RECIPROCAL -> UnaryLoops.reciprocal(x, y, n);
      case TANH -> UnaryLoops.tanh(x, y, n);
      case SIGMOID -> UnaryLoops.sigmoid(x, y, n);
      case RELU -> UnaryLoops.atLeast(0, x, y, n);
      case SILU -> UnaryLoops.silu(x, y, n);
      case GELU_TANH -> UnaryLoops.geluTanh(x, y, n);
      case GELU_ERF -> UnaryLoops.geluErf(x, y, n);
      case ERF -> UnaryLoops.erf(x, y, n);
      case POWER, SIN, COS, SOFTPLUS -> throw new AssertionError(op + " has no vector form");
      case ADD_SCALAR -> UnaryLoops.shift(p, x, y, n);
      case MULTIPLY_SCALAR -> UnaryLoops.scale(p, x, y, n);
      case MAXIMUM_SCALAR -> UnaryLoops.atLeast(p, x, y, n);
      case MINIMUM_SCALAR -> UnaryLoops.atMost(p, x, y, n);
    }
  }

  @Override
  public void unaryBackward(Unary op, float parameter, long v, long dy, Gradient dx, long count) {
    if (PLAIN.contains(op) || early.take(count < EarlyForms.WIDE, count)) {
      EarlyActivations.derivative(op, parameter, v, dy, dx, count);
      return;
    }
    Cuts.elements(
        count,
        (from, n) ->
            backward(
                op, parameter, at(v, from), at(dy, from), at(dx.address(), from), dx.add(), n));
  }

  private static void backward(Unary op, float p, long v, long dy, long dx, boolean add, int n) {
    int whole = Tails.whole(n);
    backwardLoop(op, p, v, dy, dx, add, whole);
    if (whole < n) {
      long read = op.reads() == Reads.NOTHING ? 0 : Tails.in(0, v, n);
      backwardLoop(op, p, read, Tails.in(1, dy, n), Tails.in(2, dx, n), add, Lanes.N);
      Tails.out(2, dx, n);
    }
  }

  private static void backwardLoop(
      Unary op, float p, long v, long dy, long dx, boolean add, int n) {
    switch (op) {
      case NEGATE -> UnaryBackwardLoops.scale(-1, dy, dx, add, n);
      case ABS -> UnaryBackwardLoops.sign(v, dy, dx, add, n);
      case EXP -> UnaryBackwardLoops.product(1, v, dy, dx, add, n);
      case LOG -> UnaryBackwardLoops.quotient(1, v, dy, dx, add, n);
      case SQRT -> UnaryBackwardLoops.quotient(0.5f, v, dy, dx, add, n);
      case RSQRT -> UnaryBackwardLoops.cube(v, dy, dx, add, n);
      case SQUARE -> UnaryBackwardLoops.product(2, v, dy, dx, add, n);
      case POWER, SIN, COS -> throw new AssertionError(op + " has no vector form");
      case RECIPROCAL -> UnaryBackwardLoops.negativeSquare(v, dy, dx, add, n);
      case TANH -> UnaryBackwardLoops.tanh(v, dy, dx, add, n);
      case SIGMOID -> UnaryBackwardLoops.sigmoid(v, dy, dx, add, n);
      case RELU -> UnaryBackwardLoops.atLeast(Float.MIN_VALUE, v, dy, dx, add, n);
      case SILU -> UnaryBackwardLoops.silu(v, dy, dx, add, n);
      case GELU_TANH -> UnaryBackwardLoops.geluTanh(v, dy, dx, add, n);
      case GELU_ERF -> UnaryBackwardLoops.geluErf(v, dy, dx, add, n);
      case ERF -> UnaryBackwardLoops.erf(v, dy, dx, add, n);
      case SOFTPLUS -> UnaryBackwardLoops.softplus(v, dy, dx, add, n);
      case ADD_SCALAR -> UnaryBackwardLoops.scale(1, dy, dx, add, n);
      case MULTIPLY_SCALAR -> UnaryBackwardLoops.scale(p, dy, dx, add, n);
      case MAXIMUM_SCALAR -> UnaryBackwardLoops.atLeast(p, v, dy, dx, add, n);
      case MINIMUM_SCALAR -> UnaryBackwardLoops.atMost(p, v, dy, dx, add, n);
    }
  }

  @Override
  public void binary(Binary op, Broadcast axes, long x, long y, long z) {
    int width = axes.sizes()[axes.rank() - 1];
    // one operation an element, with one result whatever the form
    if (op == Binary.POWER || early.take(width < EarlyForms.WIDE, axes.elements())) {
      super.binary(op, axes, x, y, z);
      return;
    }
    lines(
        axes,
        Integer.MAX_VALUE,
        (xFrom, xStep, yFrom, yStep, zFrom, n) ->
            line(op, at(x, xFrom), xStep, at(y, yFrom), yStep, at(z, zFrom), n));
  }

  private static void line(Binary op, long x, long xStep, long y, long yStep, long z, int n) {
    int whole = Tails.whole(n);
    lineLoop(op, x, xStep, y, yStep, z, whole);
    if (whole < n) {
      long left = xStep == 0 ? x : Tails.in(0, x, n);
      long right = yStep == 0 ? y : Tails.in(1, y, n);
      lineLoop(op, left, xStep, right, yStep, Tails.slot(2), Lanes.N);
      Tails.out(2, z, n);
    }
  }

  private static void lineLoop(Binary op, long x, long xStep, long y, long yStep, long z, int n) {
    if (xStep == 0) {
      numberAndLine(op, Native.floats(x, 1).get(JAVA_FLOAT_UNALIGNED, 0), y, z, n);
    } else if (yStep == 0) {
      lineAndNumber(op, x, Native.floats(y, 1).get(JAVA_FLOAT_UNALIGNED, 0), z, n);
    } else {
      switch (op) {
        case ADD -> BinaryLoops.add(x, y, z, n);
        case SUBTRACT -> BinaryLoops.subtract(x, y, z, n);
        case MULTIPLY -> BinaryLoops.multiply(x, y, z, n);
        case DIVIDE -> BinaryLoops.divide(x, y, z, n);
        case POWER -> throw new AssertionError(op + " has no vector form");
        case MAXIMUM -> BinaryLoops.maximum(x, y, z, n);
        case MINIMUM -> BinaryLoops.minimum(x, y, z, n);
      }
    }
  }

  private static void numberAndLine(Binary op, float p, long y, long z, int n) {
    switch (op) {
      case ADD -> UnaryLoops.shift(p, y, z, n);
      case SUBTRACT -> BinaryLoops.subtractFrom(p, y, z, n);
      case MULTIPLY -> UnaryLoops.scale(p, y, z, n);
      case DIVIDE -> BinaryLoops.divided(p, y, z, n);
      case POWER -> throw new AssertionError(op + " has no vector form");
      case MAXIMUM -> UnaryLoops.atLeast(p, y, z, n);
      case MINIMUM -> UnaryLoops.atMost(p, y, z, n);
    }
  }

  private static void lineAndNumber(Binary op, long x, float p, long z, int n) {
    switch (op) {
      case ADD -> UnaryLoops.shift(p, x, z, n);
      case SUBTRACT -> UnaryLoops.shift(-p, x, z, n);
      case MULTIPLY -> UnaryLoops.scale(p, x, z, n);
      case DIVIDE -> BinaryLoops.divideBy(p, x, z, n);
      case POWER -> throw new AssertionError(op + " has no vector form");
      case MAXIMUM -> UnaryLoops.atLeast(p, x, z, n);
      case MINIMUM -> UnaryLoops.atMost(p, x, z, n);
    }
  }

  @Override
  public void addScaled(float scale, long x, long y, long count) {
    if (early.take(count < EarlyForms.WIDE, count)) {
      EarlyActivations.addScaled(scale, x, y, count);
      return;
    }
    Cuts.elements(count, (from, n) -> addScaled(scale, at(x, from), at(y, from), n));
  }

  private static void addScaled(float scale, long x, long y, int n) {
    int whole = Tails.whole(n);
    BinaryLoops.addScaled(scale, x, y, whole);
    if (whole < n) {
      BinaryLoops.addScaled(scale, Tails.in(0, x, n), Tails.in(1, y, n), Lanes.N);
      Tails.out(1, y, n);
    }
  }

  /// z = x + y for `n` elements each.
  static void add(long x, long y, long z, int n) {
    line(Binary.ADD, x, 1, y, 1, z, n);
  }
}
