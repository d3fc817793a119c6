package dev.quintet.core.op;

import dev.quintet.core.autograd.GradientSlot;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;

/// Losses.
public final class Losses {
  private Losses() {}

  /// The sum of the rows' cross entropies over the normalizer; dLogits = dLoss (softmax - target) over
  /// the normalizer.
  ///
  /// The gradient overwrites the logits when nobody but the tape holds them: they are the largest tensor
  /// of a step.
  public static Tensor crossEntropy(Tensor logits, Tensor labels, CrossEntropyOptions options) {
    Operands.floats("crossEntropy", logits);
    Operands.type("crossEntropy", "the labels", labels, DType.I32);
    Operands.sameDevice("crossEntropy", logits, labels);
    if (logits.shape().rank() == 0) {
      throw new IllegalArgumentException("crossEntropy: logits need an axis of the vocabulary");
    }
    Operands.shape("crossEntropy", "the labels", labels, logits.shape().without(-1));
    long rows = logits.shape().rows();
    int width = logits.shape().width();
    double normalizer = options.normalizer() > 0 ? options.normalizer() : counted(labels, options);
    float scale = normalizer > 0 ? (float) (1 / normalizer) : 0;
    Tensor losses = Tensor.empty(Shape.of(rows), DType.F32);
    Tensor logSumExp = Tensor.empty(Shape.of(rows), DType.F32);
    var kernels = logits.backend().loss();
    kernels.crossEntropy(
        rows,
        width,
        options.ignore(),
        options.smoothing(),
        logits.address(),
        labels.address(),
        losses.address(),
        logSumExp.address());
    Tensor loss = Reductions.all(Reduction.SUM, losses).multiply(scale);
    return Op.result("crossEntropy", loss)
        .from(logits)
        .saves(logits, labels, logSumExp)
        .back(dy -> {
          Tensor dLosses = Layouts.as(dy, Shape.of(1)).multiply(scale).broadcastTo(Shape.of(rows));
          GradientSlot slot = Op.slot(logits);
          boolean inPlace =
              !slot.filled()
                  && !logits.isParameter()
                  && logits.storage().holders() == 1
                  && logits.storage().bytes() == 4 * logits.elements();
          var sink = inPlace ? new Gradient(logits.address(), false) : Op.gradient(logits);
          kernels.crossEntropyBackward(
              rows,
              width,
              options.ignore(),
              options.smoothing(),
              logits.address(),
              labels.address(),
              logSumExp.address(),
              dLosses.address(),
              sink.address(),
              sink.add());
          if (inPlace) {
            slot.add(logits.storage(), logits.address());
          }
        });
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
