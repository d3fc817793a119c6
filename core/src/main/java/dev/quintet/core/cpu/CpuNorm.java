package dev.quintet.core.cpu;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.backend.NormRows;
import dev.quintet.core.backend.Widened;
import dev.quintet.core.cpu.work.EarlyForms;

/// Norms on the processor: bfloat16 is widened, and narrow rows may have kernels of their own.
record CpuNorm(Backend backend, NormKernels narrow, NormKernels wide) implements NormKernels {

  private NormKernels of(NormCall call) {
    return call.width() < EarlyForms.WIDE ? narrow : wide;
  }

  @Override
  public void norm(NormCall call, NormRows rows, long y) {
    try (var widened = new Widened(backend)) {
      long out = widened.write(call.types().out(), y, call.elements());
      of(call).norm(call, rows.widened(call, widened), out);
    }
  }

  @Override
  public void normBackward(
      NormCall call, NormRows rows, long dy, Gradient dx, Gradient dWeight, Gradient dBias) {
    try (var widened = new Widened(backend)) {
      long d = widened.read(call.types().out(), dy, call.elements());
      Gradient sink = widened.write(call.types().in(), dx, call.elements());
      of(call).normBackward(call, rows.widened(call, widened), d, sink, dWeight, dBias);
    }
  }
}
