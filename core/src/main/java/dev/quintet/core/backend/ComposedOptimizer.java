package dev.quintet.core.backend;

import dev.quintet.core.shape.DType;

/// Updates one parameter after the other, for a backend whose kernels run at once.
public interface ComposedOptimizer extends OptimizerKernels {

  /// The backend whose kernels these are composed of.
  Backend backend();

  /// AdamW of one float32 parameter.
  void adamW(AdamW constants, Step step, Span.Places at, long count);

  /// AdamW of one float32 parameter whose moments are bfloat16 and rounded stochastically by a key.
  void adamWRounded(AdamW constants, Step step, Span.Places at, long count, long key);

  /// Adafactor of one float32 parameter; factored where there are columns.
  void adafactor(Adafactor constants, Step step, Span.Places at, Matrices axes);

  /// sum = the sum of squares of x in float64, or sum += it.
  ///
  /// @param x address of the elements
  /// @param count elements
  /// @param sum address of one float64
  /// @param add whether to add
  void sumOfSquares(long x, long count, long sum, boolean add);

  @Override
  default void addLoss(long loss, boolean add, RunState state) {
    Memory memory = backend().memory();
    state.write(memory, state.outcome(memory).withLoss(RunState.readFloat(memory, loss), add));
  }

  @Override
  default void sumOfSquares(Spans spans, RunState state) {
    long sum = state.address() + RunState.INPUT_BYTES;
    backend().memory().zero(sum, Double.BYTES);
    for (Span span : spans.rows()) {
      sumOfSquares(span.at().gradient(), span.axes().elements(), sum, true);
    }
  }

  @Override
  default void clip(float maximum, RunState state) {
    Memory memory = backend().memory();
    state.write(memory, state.outcome(memory).clipped(maximum));
  }

  @Override
  default void adamW(AdamW constants, RunState state, Spans spans) {
    each(
        state,
        spans,
        (step, at, span) -> {
          long count = span.axes().elements();
          if (span.rounding() == 0) {
            adamW(constants, step, at, count);
          } else {
            adamWRounded(constants, step, at, count, span.rounding());
          }
        });
  }

  @Override
  default void adafactor(Adafactor constants, RunState state, Spans spans) {
    each(state, spans, (step, at, span) -> adafactor(constants, step, at, span.axes()));
  }

  private void each(RunState state, Spans spans, Update update) {
    Memory memory = backend().memory();
    RunState.Outcome now = state.outcome(memory);
    if (now.skipped() > 0) {
      return;
    }
    double rate = state.inputs(memory).rate();
    for (Span span : spans.rows()) {
      Span.Places at = span.at();
      var step =
          new Step(rate * span.factor(), span.decay(), now.scale(), now.updates() + span.offset());
      if (span.type() == DType.F32) {
        update.of(step, at, span);
      } else {
        update.of(step, at.ofMaster(), span);
        backend()
            .layout()
            .cast(DType.F32, span.type(), at.master(), at.parameter(), span.axes().elements());
      }
    }
  }

  /// The update of one parameter.
  interface Update {
    /// @param at operands, the parameter float32
    void of(Step step, Span.Places at, Span span);
  }
}
