package dev.quintet.core.op;

import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Widened;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.function.UnaryOperator;

/// Checks that every operation makes of its operands; each throws an [IllegalArgumentException] that
/// names the operation, what was expected and what came.
final class Operands {
  private Operands() {}

  static void type(String operation, String name, Tensor tensor, DType expected) {
    if (tensor.type() != expected) {
      throw type(operation, name, tensor.type(), tensor.shape(), expected);
    }
  }

  static IllegalArgumentException type(
      String operation, String name, DType came, Shape shape, DType expected) {
    return new IllegalArgumentException(
        operation
            + ": "
            + name
            + " must be "
            + expected
            + ", not "
            + came
            + " "
            + shape
            + "; cast() it first");
  }

  static void floats(String operation, Tensor... tensors) {
    for (Tensor tensor : tensors) {
      type(operation, "each operand", tensor, DType.F32);
    }
    sameDevice(operation, tensors);
  }

  /// Checks that operands are float32 or bfloat16.
  static void real(String operation, Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.type() != DType.BF16) {
        type(operation, "each operand", tensor, DType.F32);
      }
    }
    sameDevice(operation, tensors);
  }

  /// A function of bfloat16, computed in float32 and rounded.
  static Tensor widened(Tensor x, UnaryOperator<Tensor> function) {
    return function.apply(x.cast(DType.F32)).cast(DType.BF16);
  }

  static void sameDevice(String operation, Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor.backend() != tensors[0].backend()) {
        throw new IllegalArgumentException(
            operation
                + ": operands lie on "
                + tensors[0].device()
                + " and "
                + tensor.device()
                + ": move one with to(device), or a whole module with its to(device)");
      }
    }
    Scope scope = Scope.current();
    if (tensors[0].backend() != scope.backend()) {
      throw new IllegalArgumentException(
          operation
              + ": the operands lie on "
              + tensors[0].device()
              + ", and the open scope is of "
              + scope.device()
              + ": open one with Scope.open of their device, or move them with to(device)");
    }
  }

  static void shape(String operation, String name, Tensor tensor, Shape expected) {
    if (!tensor.shape().equals(expected)) {
      throw new IllegalArgumentException(
          operation + ": " + name + " must have shape " + expected + ", not " + tensor.shape());
    }
  }

  /// A number of elements that a kernel counts in an int.
  static int size(String operation, String name, long elements) {
    if (elements > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          operation + ": " + name + " would have " + elements + " elements, over 2147483647");
    }
    return (int) elements;
  }

  static IllegalArgumentException mismatch(String operation, String rule, Tensor x, Tensor y) {
    return new IllegalArgumentException(
        operation + ": " + rule + "; came " + x.shape() + " and " + y.shape());
  }

  /// Where a kernel puts the float32 gradient of a weight: of a tensor of another type, room for it.
  static Gradient weightGradient(Widened widened, Tensor weight) {
    return weight.requiresGradient()
        ? widened.write(Op.slot(weight).type(), Op.gradient(weight), weight.elements())
        : Gradient.NONE;
  }
}
