package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.OptimizerContract;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.OptimizerKernels.Adafactor;
import dev.quintet.core.backend.OptimizerKernels.AdamW;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.OptimizerKernels.OwnRate;
import dev.quintet.core.backend.OptimizerKernels.Scale;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.testing.StandIn;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The contract, on the stand-in.
@Tag("emulator")
class CudaOptimizerTest extends OptimizerContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  /// Nothing comes back to the host, and every update of a whole table is as many launches as one of a parameter.
  @Test
  void saysWhatItMovesAndWaitsForNothing() {
    var cuda = (CudaBackend) backend();
    OptimizerKernels kernels = cuda.optimizer();
    var adafactor =
        new Adafactor(new Scale(true, 1e-3, 1e9), OwnRate.GIVEN, 0.9, -0.8, 1e-30, 1, true);
    try (var o = new Operands(cuda)) {
      var state = new RunState(o.zeros(RunState.BYTES));
      long loss = o.zeros(4);
      Spans spans =
          Spans.of(
              cuda.memory(),
              List.of(
                  span(o, DType.F32, Matrices.whole(40_000)),
                  span(o, DType.BF16, new Matrices(1, 100, 768)),
                  span(o, DType.F32, Matrices.whole(20_000))));
      Set<String> launched =
          Traffic.check(
              cuda,
              () -> {
                kernels.addLoss(loss, true, state);
                kernels.sumOfSquares(spans, state);
                kernels.clip(1, state);
                kernels.adamW(new AdamW(0.9f, 0.999f, 1e-8f), state, spans);
                kernels.adafactor(adafactor, state, spans);
                assertEquals(0, StandIn.waits());
                assertEquals(0, StandIn.uploads());
              });
      assertEquals(13, launched.size(), launched.toString());
      launched.forEach(kernel -> assertEquals(1, StandIn.counts(kernel).launches(), kernel));
      spans.release(cuda.memory());
    }
  }

  private static Span span(Operands o, DType type, Matrices axes) {
    long bytes = 4 * axes.elements();
    boolean factored = axes.columns() > 1;
    var at =
        new Span.Places(
            o.zeros(bytes),
            type == DType.F32 ? 0 : o.zeros(bytes),
            o.zeros(bytes),
            o.zeros(bytes),
            o.zeros(bytes),
            factored ? o.zeros(bytes) : 0);
    return new Span(type, axes, at, 0.1, 1, 0);
  }
}
