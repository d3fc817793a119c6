package dev.quintet.core.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LossCall;
import dev.quintet.core.backend.LossKernels;
import dev.quintet.core.backend.Widened;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.LossRows;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;

/// Cross entropy on the processor: labels are checked, bfloat16 is widened, and narrow rows may have kernels of their own.
record CpuLoss(Backend backend, LossRows narrow, LossRows wide) implements LossKernels {

  private LossRows of(LossCall call) {
    return call.width() < EarlyForms.WIDE ? narrow : wide;
  }

  @Override
  public void crossEntropy(LossCall call, long logits, long labels, long losses, long logSumExp) {
    checkLabels(call, labels);
    try (var widened = new Widened(backend)) {
      long x = widened.read(call.types().out(), logits, call.logits());
      of(call).forward(call, x, labels, losses, logSumExp);
    }
  }

  @Override
  public void crossEntropyBackward(
      LossCall call, long logits, long labels, long logSumExp, long dLoss, Gradient dLogits) {
    checkLabels(call, labels);
    float factor = call.scale(backend.memory());
    if (dLoss != 0) {
      factor *= value(dLoss);
    }
    try (var widened = new Widened(backend)) {
      long x = widened.read(call.types().out(), logits, call.logits());
      Gradient dx = widened.write(call.types().out(), dLogits, call.logits());
      of(call).backward(call, factor, x, labels, logSumExp, dx);
    }
  }

  @Override
  public void scale(long factor, DType type, long x, long count) {
    if (value(factor) != 1) {
      LossKernels.super.scale(factor, type, x, count);
    }
  }

  private static float value(long address) {
    return Native.floats(address, 1).get(JAVA_FLOAT_UNALIGNED, 0);
  }

  private static void checkLabels(LossCall call, long labels) {
    MemorySegment all = Native.floats(labels, call.rows());
    for (long row = 0; row < call.rows(); row++) {
      int label = all.getAtIndex(JAVA_INT_UNALIGNED, row);
      if (label != call.ignore() && (label < 0 || label >= call.width())) {
        throw new IndexOutOfBoundsException(
            "crossEntropy: label "
                + label
                + " of row "
                + row
                + " is outside a vocabulary of "
                + call.width()
                + " and is not the ignored "
                + call.ignore());
      }
    }
  }
}
