package dev.quintet.trainer.optim;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// An optimizer that updates all parameters of a table in one command. A bfloat16 parameter is updated in float32, in a
/// master that is made from it at its first update and is part of the state.
abstract sealed class TableOptimizer implements Optimizer permits AdamW, Adafactor {
  private final SortedMap<String, Map<String, Parameter>> states = new TreeMap<>();

  /// The shapes of a parameter's moments, by their names.
  abstract Map<String, Shape> moments(Shape shape);

  /// Updates what is in the table.
  abstract void update(OptimizerKernels kernels, RunState state, Spans spans);

  /// The row of a parameter in a table.
  ///
  /// @param gradient float32, of its shape
  final Span span(
      String name, Parameter parameter, Tensor gradient, double decay, double factor, int offset) {
    Map<String, Parameter> mine = states.computeIfAbsent(name, n -> made(parameter));
    Shape shape = parameter.shape();
    boolean factored = mine.containsKey("column");
    var axes =
        factored
            ? new Matrices(shape.elements(0, shape.rank() - 2), shape.dim(-2), shape.dim(-1))
            : Matrices.whole(shape.elements());
    var at =
        new Span.Places(
            parameter.address(),
            at(mine, "master"),
            gradient.address(),
            at(mine, "first"),
            at(mine, factored ? "row" : "second"),
            at(mine, "column"));
    return new Span(parameter.type(), axes, at, decay, factor, offset);
  }

  private static long at(Map<String, Parameter> mine, String name) {
    Parameter one = mine.get(name);
    return one == null ? 0 : one.address();
  }

  private Map<String, Parameter> made(Parameter parameter) {
    var made = new LinkedHashMap<String, Parameter>();
    moments(parameter.shape())
        .forEach((name, shape) -> made.put(name, Parameter.full(shape, 0, parameter.device())));
    if (parameter.type() != DType.F32) {
      Parameter master = Parameter.empty(parameter.shape(), parameter.device());
      master.set(parameter);
      made.put("master", master);
    }
    made.values().forEach(one -> one.train(false));
    return made;
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
    var state = new LinkedHashMap<String, Parameter>();
    states.forEach(
        (name, mine) -> mine.forEach((own, tensor) -> state.put(name + "." + own, tensor)));
    return state;
  }

  @Override
  public final void restore(String name, Parameter parameter) {
    Map<String, Parameter> old = states.put(name, made(parameter));
    if (old != null) {
      old.values().forEach(Parameter::close);
    }
  }

  @Override
  public final void close() {
    states.values().forEach(mine -> mine.values().forEach(Parameter::close));
    states.clear();
  }
}
