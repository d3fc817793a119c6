package dev.quintet.core.cpu;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Widened;
import dev.quintet.core.cpu.work.EarlyForms;

/// Dropout on the processor: the mask's state is read, bfloat16 is widened, and narrow rows may have kernels of their own.
record CpuDropout(Backend backend, DropoutKernels narrow, DropoutKernels wide)
    implements DropoutKernels {

  private DropoutKernels of(DropoutCall call) {
    // tokens have the bits that their rows would have with padding
    boolean tokens = call.mask().places() != 0;
    return call.width() < EarlyForms.WIDE && !tokens ? narrow : wide;
  }

  @Override
  public void dropout(DropoutCall call, long x, Gradient y) {
    try (var widened = new Widened(backend)) {
      long in = widened.read(call.types().in(), x, call.elements());
      Gradient out = widened.write(call.types().out(), y, call.elements());
      of(call).dropout(call.resolved(backend.memory()), in, out);
    }
  }

  @Override
  public void residual(DropoutCall call, long x, long branch, long y) {
    try (var widened = new Widened(backend)) {
      long in = widened.read(call.types().out(), x, call.elements());
      long added = widened.read(call.types().in(), branch, call.elements());
      long out = widened.write(call.types().out(), y, call.elements());
      of(call).residual(call.resolved(backend.memory()), in, added, out);
    }
  }
}
