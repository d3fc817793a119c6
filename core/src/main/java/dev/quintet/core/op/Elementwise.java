package dev.quintet.core.op;

import dev.quintet.core.backend.Broadcast;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.GateCall;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;
import java.util.List;
import java.util.Locale;

/// Functions applied element by element, relations, selection, and the gate of a feed-forward layer.
public final class Elementwise {
  /// Up to here float32 holds every whole number.
  private static final float MOST = 1 << 24;

  private Elementwise() {}

  /// y = f(x); dx = dy f'(x).
  public static Tensor unary(Unary function, float parameter, Tensor x) {
    String name = name(function);
    if (x.type() == DType.I32) {
      return ofInts(function, parameter, x);
    }
    if (x.type() == DType.BF16) {
      return Operands.widened(x, wide -> unary(function, parameter, wide));
    }
    Operands.floats(name, x);
    Tensor y = Tensor.empty(x.shape(), DType.F32);
    var kernels = x.backend().elementwise();
    kernels.unary(function, parameter, x.address(), y.address(), x.elements());
    List<Tensor> read =
        switch (function.reads()) {
          case NOTHING -> List.of();
          case ARGUMENT -> List.of(x);
          case RESULT -> List.of(y);
        };
    return Op.result(name, y)
        .from(x)
        .saves(read)
        .back(dy ->
            kernels.unaryBackward(
                function,
                parameter,
                read.isEmpty() ? 0 : read.getFirst().address(),
                dy.address(),
                Op.gradient(x),
                dy.elements()));
  }

  /// y = mask max(x, 0) scale; dx = mask dy scale where y > 0. Of both functions y alone is kept for the backward.
  public static Tensor relu(Tensor x, DropoutMask mask) {
    if (!mask.active() || x.type() != DType.F32 || x.elements() == 0) {
      return Dropouts.dropout(unary(Unary.RELU, 0, x), mask);
    }
    var call = Dropouts.call(mask, x, x.type());
    var elementwise = x.backend().elementwise();
    var dropout = x.backend().dropout();
    long count = x.elements();
    Tensor y = Tensor.empty(x.shape(), DType.F32);
    elementwise.unary(Unary.RELU, 0, x.address(), y.address(), count);
    dropout.dropout(call, y.address(), new Gradient(y.address(), false));
    return Op.result("relu", y)
        .from(x)
        .saves(y)
        .back(dy -> {
          Tensor kept = Tensor.empty(x.shape(), DType.F32);
          dropout.dropout(call, dy.address(), new Gradient(kept.address(), false));
          elementwise.unaryBackward(
              Unary.RELU, 0, y.address(), kept.address(), Op.gradient(x), count);
        });
  }

  /// x / y
  public static Tensor quotient(Tensor x, float y) {
    Operands.real("divide", x);
    return unary(Unary.MULTIPLY_SCALAR, 1 / y, x);
  }

  /// The functions that keep to whole numbers, as functions of two.
  private static Tensor ofInts(Unary function, float parameter, Tensor x) {
    String name = name(function);
    return switch (function) {
      case NEGATE -> binary(Binary.MULTIPLY, x, number(name, x, -1));
      case ABS -> binary(Binary.MAXIMUM, x, ofInts(Unary.NEGATE, 0, x));
      case SQUARE -> binary(Binary.MULTIPLY, x, x);
      case RELU -> binary(Binary.MAXIMUM, x, number(name, x, 0));
      case ADD_SCALAR -> binary(Binary.ADD, x, number(name, x, parameter));
      case MULTIPLY_SCALAR -> binary(Binary.MULTIPLY, x, number(name, x, parameter));
      case MAXIMUM_SCALAR -> binary(Binary.MAXIMUM, x, bound(name, x, parameter));
      case MINIMUM_SCALAR -> binary(Binary.MINIMUM, x, bound(name, x, parameter));
      case EXP,
          LOG,
          SQRT,
          RSQRT,
          POWER,
          RECIPROCAL,
          TANH,
          SIGMOID,
          SILU,
          GELU_TANH,
          GELU_ERF,
          ERF,
          SIN,
          COS,
          SOFTPLUS ->
          throw Operands.type(name, "each operand", x.type(), x.shape(), DType.F32);
    };
  }

  /// A number as a scalar of x's type.
  private static Tensor number(String name, Tensor x, float value) {
    if (x.type() == DType.I32 && (value != Math.rint(value) || Math.abs(value) > MOST)) {
      throw new IllegalArgumentException(
          name
              + ": a tensor of I32 takes whole numbers up to 2^24 beside it, not "
              + value
              + "; cast() it to F32 first, or give larger ones as Tensor.ofInts(Shape.scalar(), n)");
    }
    return Tensor.full(Shape.scalar(), value).cast(x.type());
  }

  /// A number that may be infinite: then it is an end of int32.
  private static Tensor bound(String name, Tensor x, float value) {
    return Float.isInfinite(value)
        ? Tensor.full(Shape.scalar(), value).cast(DType.I32)
        : number(name, x, value);
  }

  private static String name(Enum<?> operation) {
    return operation.name().replace("_SCALAR", "").toLowerCase(Locale.ROOT);
  }

  /// z = x op y. The gradient of each operand is summed over the axes it was repeated along.
  public static Tensor binary(Binary function, Tensor x, Tensor y) {
    String name = name(function);
    boolean quotient = function == Binary.DIVIDE || function == Binary.POWER;
    if (x.type() == DType.I32 && !quotient) {
      return binaryOfInts(name, function, x, y);
    }
    if (x.type() == DType.BF16 && y.type() == DType.BF16) {
      return binary(function, x.cast(DType.F32), y.cast(DType.F32)).cast(DType.BF16);
    }
    Operands.floats(name, x, y);
    Broadcast axes = axes(name, x, y);
    Tensor z = Tensor.empty(Shape.broadcast(x.shape(), y.shape()), DType.F32);
    if (z.elements() > 0) {
      x.backend().elementwise().binary(function, axes, x.address(), y.address(), z.address());
    }
    List<Tensor> inputs = List.of(x, y);
    return switch (function) {
      case ADD ->
          Op.result(name, z)
              .from(inputs)
              .back(dz -> {
                Broadcasts.addReduced(x, dz);
                Broadcasts.addReduced(y, dz);
              });
      case SUBTRACT ->
          Op.result(name, z)
              .from(inputs)
              .back(dz -> {
                Broadcasts.addReduced(x, dz);
                if (y.requiresGradient()) {
                  Broadcasts.addReduced(y, dz.negate());
                }
              });
      case MULTIPLY ->
          Op.result(name, z)
              .from(inputs)
              .saves(inputs)
              .back(dz -> {
                if (x.requiresGradient()) {
                  Broadcasts.addReduced(x, dz.multiply(y.detach()));
                }
                if (y.requiresGradient()) {
                  Broadcasts.addReduced(y, dz.multiply(x.detach()));
                }
              });
      case DIVIDE ->
          Op.result(name, z)
              .from(inputs)
              .saves(y, z)
              .back(dz -> {
                Tensor dx = dz.divide(y.detach());
                Broadcasts.addReduced(x, dx);
                if (y.requiresGradient()) {
                  Broadcasts.addReduced(y, dx.multiply(z.detach()).negate());
                }
              });
      case POWER ->
          Op.result(name, z)
              .from(inputs)
              .saves(x, y, z)
              .back(dz -> {
                Tensor a = x.detach();
                Tensor b = y.detach();
                if (x.requiresGradient()) {
                  Broadcasts.addReduced(x, dz.multiply(b.multiply(a.power(b.subtract(1)))));
                }
                if (y.requiresGradient()) {
                  // 0^y is 0 all around y > 0, where ln 0 is not finite
                  Tensor flat = compare(Comparison.EQUAL, a, 0);
                  Tensor slope = flat.where(Tensor.zeros(Shape.scalar()), a.log());
                  Broadcasts.addReduced(y, dz.multiply(z.detach()).multiply(slope));
                }
              });
      case MAXIMUM, MINIMUM ->
          Op.result(name, z)
              .from(inputs)
              .saves(inputs)
              .back(dz -> {
                // 1 where the operand was taken, one half where both were equal
                var keeps = function == Binary.MAXIMUM ? Comparison.GREATER : Comparison.LESS;
                Tensor a = x.detach();
                Tensor b = y.detach();
                Tensor half = a.compare(Comparison.EQUAL, b).cast(DType.F32).multiply(0.5f);
                Broadcasts.addReduced(
                    x, dz.multiply(a.compare(keeps, b).cast(DType.F32).add(half)));
                Broadcasts.addReduced(
                    y, dz.multiply(b.compare(keeps, a).cast(DType.F32).add(half)));
              });
    };
  }

  private static Tensor binaryOfInts(String name, Binary function, Tensor x, Tensor y) {
    Operands.type(name, "the second operand beside one of I32", y, DType.I32);
    Operands.sameDevice(name, x, y);
    Broadcast axes = axes(name, x, y);
    Tensor z = Tensor.empty(Shape.broadcast(x.shape(), y.shape()), DType.I32);
    if (z.elements() > 0) {
      x.backend().elementwise().binaryInts(function, axes, x.address(), y.address(), z.address());
    }
    return z;
  }

  /// The truth of x relation a number; no gradient.
  public static Tensor compare(Comparison relation, Tensor x, float y) {
    Tensor a = number(x);
    return compare(relation, a, number("compare " + name(relation), a, y));
  }

  /// x AND y, x OR y, x XOR y of truths: the smaller, the larger, and whether they differ.
  public static Tensor logical(String name, Binary function, Tensor x, Tensor y) {
    Operands.type(name, "the first operand", x, DType.BOOL);
    Operands.type(name, "the second operand", y, DType.BOOL);
    return compare(Comparison.NOT_EQUAL, binary(function, number(x), number(y)), 0);
  }

  /// NOT x.
  public static Tensor not(Tensor x) {
    Operands.type("logicalNot", "the operand", x, DType.BOOL);
    return compare(Comparison.EQUAL, x, 0);
  }

  /// Bytes and truths as int32, bfloat16 as float32: what is compared.
  private static Tensor number(Tensor x) {
    return switch (x.type()) {
      case F32, I32 -> x;
      case BF16 -> x.cast(DType.F32);
      case BOOL, U8 -> x.cast(DType.I32);
    };
  }

  /// The truth of x relation y; no gradient.
  public static Tensor compare(Comparison relation, Tensor left, Tensor right) {
    String name = "compare " + name(relation);
    Tensor x = number(left);
    Tensor y = number(right);
    boolean integers = x.type() == DType.I32;
    Operands.type(name, "the first operand", x, integers ? DType.I32 : DType.F32);
    Operands.type(name, "the second operand", y, x.type());
    Operands.sameDevice(name, x, y);
    Broadcast axes = axes(name, x, y);
    Tensor z = Tensor.empty(Shape.broadcast(x.shape(), y.shape()), DType.BOOL);
    if (z.elements() > 0) {
      x.backend()
          .elementwise()
          .compare(relation, integers, axes, x.address(), y.address(), z.address());
    }
    return z;
  }

  /// x where the condition holds, y elsewhere; the gradient goes to what was taken.
  public static Tensor where(Tensor condition, Tensor x, Tensor y) {
    Operands.type("where", "the condition", condition, DType.BOOL);
    Operands.type("where", "the second choice", y, x.type());
    Operands.sameDevice("where", condition, x, y);
    if (x.type() == DType.BF16) {
      return Operands.widened(x, wide -> where(condition, wide, y.cast(DType.F32)));
    }
    Shape shape = Shape.broadcast(Shape.broadcast(x.shape(), y.shape()), condition.shape());
    Tensor c = condition.broadcastTo(shape);
    Tensor a = x.broadcastTo(shape);
    Tensor b = y.broadcastTo(shape);
    Tensor z = Tensor.empty(shape, x.type());
    if (x.type().bytes() != 4) {
      throw new IllegalArgumentException(
          "where: choices are F32, BF16 or I32, not " + x.type() + "; cast() them first");
    }
    var kernels = z.backend().elementwise();
    kernels.select(c.address(), a.address(), b.address(), z.address(), z.elements());
    if (x.type() != DType.F32) {
      return z;
    }
    return Op.result("where", z)
        .from(a, b)
        .saves(c)
        .back(dz -> {
          Tensor zero = Tensor.zeros(shape);
          if (a.requiresGradient()) {
            Op.add(a, where(c, dz, zero));
          }
          if (b.requiresGradient()) {
            Op.add(b, where(c, zero, dz));
          }
        });
  }

  /// y = mask f(gate) up scale; with d = mask dy scale, dGate = d up f'(gate) and dUp = d f(gate).
  public static Tensor gate(Unary activation, Tensor gate, Tensor up, DropoutMask mask) {
    Operands.real("gate", gate);
    Operands.type("gate", "up", up, gate.type());
    Operands.sameDevice("gate", gate, up);
    Operands.shape("gate", "up", up, gate.shape());
    var call = new GateCall(activation, Dropouts.call(mask, gate, gate.type()));
    Tensor y = Tensor.empty(gate.shape(), gate.type());
    gate.backend().gate().gated(call, gate.address(), up.address(), y.address());
    return gated(call, gate, up, y);
  }

  /// The result of a gate, with its way back.
  static Tensor gated(GateCall call, Tensor gate, Tensor up, Tensor y) {
    var kernels = gate.backend().gate();
    return Op.result("gate", y)
        .from(gate, up)
        .saves(gate, up)
        .back(dy ->
            kernels.gatedBackward(
                call,
                gate.address(),
                up.address(),
                dy.address(),
                Op.gradient(gate),
                Op.gradient(up)));
  }

  private static Broadcast axes(String name, Tensor x, Tensor y) {
    try {
      return Broadcast.of(x.shape(), y.shape());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }
}
