package dev.quintet.core.op;

import dev.quintet.core.autograd.GradientSlot;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.LossCall;
import dev.quintet.core.backend.LossKernels.Head;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.List;

/// Losses.
public final class Losses {
  /// The most rows whose logits are held at once: 2048 of T5's are 263 MB.
  private static final int CHUNK = 2048;

  private Losses() {}

  /// The sum of the rows' cross entropies over the normalizer; dLogits = dLoss (softmax - target) over
  /// the normalizer.
  ///
  /// The gradient overwrites the logits when nobody but the tape holds them: they are the largest tensor
  /// of a step.
  public static Tensor crossEntropy(Tensor logits, Tensor labels, CrossEntropyOptions options) {
    Operands.real("crossEntropy", logits);
    if (logits.shape().rank() == 0) {
      throw new IllegalArgumentException("crossEntropy: logits need an axis of the vocabulary");
    }
    LossCall call =
        call("crossEntropy", logits, logits.shape().width(), labels, options, logits.type());
    Tensor losses = Tensor.empty(Shape.of(call.rows()), DType.F32);
    Tensor logSumExp = Tensor.empty(Shape.of(call.rows()), DType.F32);
    Tensor loss = Tensor.empty(Shape.scalar(), DType.F32);
    var kernels = logits.backend().loss();
    kernels.crossEntropy(
        call, logits.address(), labels.address(), losses.address(), logSumExp.address());
    total(call, losses, options, loss);
    return Op.result("crossEntropy", loss)
        .from(logits)
        .saves(logits, labels, logSumExp)
        .back(dy -> {
          GradientSlot slot = Op.slot(logits);
          boolean inPlace =
              !slot.filled()
                  && !logits.isParameter()
                  && logits.storage().holders() == 1
                  && logits.storage().bytes() == logits.type().bytes(logits.elements());
          kernels.crossEntropyBackward(
              call,
              logits.address(),
              labels.address(),
              logSumExp.address(),
              dy.address(),
              inPlace ? new Gradient(logits.address(), false) : Op.gradient(logits));
          if (inPlace) {
            slot.add(logits.storage(), logits.address());
          }
        });
  }

  /// [#crossEntropy] of logits x Wᵀ, by chunks of rows. The gradients are made on the way there, while a chunk's logits are
  /// at hand, and multiplied on the way back.
  public static Tensor linearCrossEntropy(
      Tensor x, Tensor weight, Tensor labels, CrossEntropyOptions options) {
    String name = "linearCrossEntropy";
    Products.checkWeight(name, x, weight);
    LossCall call = call(name, x, weight.shape().dim(0), labels, options, weight.type());
    Tensor losses = Tensor.empty(Shape.of(call.rows()), DType.F32);
    Tensor loss = Tensor.empty(Shape.scalar(), DType.F32);
    Tensor dx = room(x, x.type());
    Tensor dWeight = room(weight, DType.F32);
    var kernels = x.backend().loss();
    kernels.linearCrossEntropy(
        call,
        new Head(weight.shape().dim(1), CHUNK, x.address(), weight.address()),
        labels.address(),
        losses.address(),
        dx.elements() == 0 ? Gradient.NONE : new Gradient(dx.address(), false),
        dWeight.elements() == 0 ? Gradient.NONE : new Gradient(dWeight.address(), false));
    total(call, losses, options, loss);
    return Op.result(name, loss)
        .from(x, weight)
        .saves(dx, dWeight)
        .back(dy -> {
          for (Tensor made : List.of(dx, dWeight)) {
            kernels.scale(dy.address(), made.type(), made.address(), made.elements());
          }
          Op.give(x, dx);
          Op.give(weight, dWeight);
        });
  }

  private static void total(
      LossCall call, Tensor losses, CrossEntropyOptions options, Tensor loss) {
    if (options.order().isEmpty()) {
      loss.backend().loss().total(call, losses.address(), loss.address());
      return;
    }
    CrossEntropyOptions.Order order = options.order().get();
    int rows = Operands.size("crossEntropy", "the rows", call.rows());
    Operands.type("crossEntropy", "the places of rows", order.places(), DType.I32);
    Operands.shape("crossEntropy", "the places of rows", order.places(), Shape.of(rows));
    Tensor all = Tensor.zeros(Shape.of(order.of()));
    loss.backend()
        .layout()
        .scatterAdd(
            Gather.rows(order.of(), rows, 1, DType.F32),
            losses.address(),
            order.places().address(),
            all.address());
    loss.backend().loss().total(call.withRows(order.of()), all.address(), loss.address());
  }

  /// Where the gradient of a tensor is made ahead; nothing where none is recorded.
  private static Tensor room(Tensor of, DType type) {
    boolean wanted = Scope.current().recording() && of.requiresGradient();
    return Tensor.empty(wanted ? of.shape() : Shape.of(0), type);
  }

  private static LossCall call(
      String name, Tensor x, int width, Tensor labels, CrossEntropyOptions options, DType weight) {
    Operands.type(name, "the labels", labels, DType.I32);
    Operands.sameDevice(name, x, labels);
    Operands.shape(name, "the labels", labels, x.shape().without(-1));
    long state = options.state().map(RunState::address).orElse(0L);
    double normalizer =
        options.normalizer() > 0 || state != 0 ? options.normalizer() : counted(labels, options);
    return new LossCall(
        x.shape().rows(),
        width,
        options.ignore(),
        options.smoothing(),
        options.zLoss(),
        normalizer > 0 ? (float) (1 / normalizer) : 0,
        state,
        new Types(x.type(), weight, x.type()));
  }

  private static long counted(Tensor labels, CrossEntropyOptions options) {
    long counted = 0;
    for (int label : labels.toInts()) {
      if (label != options.ignore()) {
        counted++;
      }
    }
    return counted;
  }
}
