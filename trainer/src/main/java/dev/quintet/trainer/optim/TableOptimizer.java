package dev.quintet.trainer.optim;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.random.Site;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// An optimizer that updates all parameters of a table in one command. A bfloat16 parameter is updated in float32, in a
/// master that is made from it at its first update and is part of the state.
abstract sealed class TableOptimizer implements Optimizer permits AdamW, Adafactor {
  private final Moments moments;
  private final boolean narrow;

  /// @param type of the moments; bfloat16 ones are rounded stochastically
  TableOptimizer(DType type) {
    moments = new Moments(type);
    narrow = type == DType.BF16;
  }

  /// The shapes of a parameter's moments, by their names.
  abstract Map<String, Shape> moments(Shape shape);

  /// Updates what is in the table.
  abstract void update(OptimizerKernels kernels, RunState state, Spans spans);

  /// The row of a parameter in a table.
  ///
  /// @param gradient float32, of its shape
  final Span span(
      String name, Parameter parameter, Tensor gradient, double decay, double factor, int offset) {
    Moments.Of mine = moments.of(name, parameter, moments(parameter.shape()));
    Shape shape = parameter.shape();
    boolean factored = mine.has("column");
    var axes =
        factored
            ? new Matrices(shape.elements(0, shape.rank() - 2), shape.dim(-2), shape.dim(-1))
            : Matrices.whole(shape.elements());
    var at =
        new Span.Places(
            parameter.address(),
            mine.address("master"),
            gradient.address(),
            mine.address("first"),
            mine.address(factored ? "row" : "second"),
            mine.address("column"));
    long rounding = narrow ? Site.of(name) | 1 : 0; // never 0, which means none
    return new Span(parameter.type(), axes, at, decay, factor, offset, rounding);
  }

  @Override
  public final void update(String name, Parameter parameter, Tensor gradient, Step step) {
    Backend backend = parameter.backend();
    var memory = backend.memory();
    var state = new RunState(memory.allocate(RunState.BYTES));
    state.write(memory, new RunState.Inputs(0, 0, 0, step.rate(), 1));
    state.write(memory, new RunState.Outcome(0, 0, 0, 1, 0, step.count()));
    Spans spans = Spans.of(memory, List.of(span(name, parameter, gradient, step.decay(), 1, 0)));
    update(backend.optimizer(), state, spans);
    parameter.storage().changed();
    spans.release(memory);
    memory.release(state.address(), RunState.BYTES);
  }

  @Override
  public final Map<String, Parameter> state() {
    return moments.all();
  }

  @Override
  public final void restore(String name, Parameter parameter) {
    moments.restore(name, parameter, moments(parameter.shape()));
  }

  @Override
  public final void close() {
    moments.close();
  }
}
