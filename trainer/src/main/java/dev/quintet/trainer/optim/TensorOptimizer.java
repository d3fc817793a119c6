package dev.quintet.trainer.optim;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An optimizer that is composed of tensor operations, and so runs on any device. What goes element by element is done piece
/// by piece, so that what is in between stays small and in the caches. A bfloat16 parameter is updated in a float32 master.
abstract sealed class TensorOptimizer implements Optimizer permits Sgd, Lamb, Lion, AdamWScale {
  private static final int PIECE = 1 << 18;

  private final Moments moments = new Moments();

  /// The names of the moments, each of the parameter's shape.
  abstract List<String> moments();

  /// Updates a parameter and its moments.
  ///
  /// @param parts its pieces
  abstract void update(Parts parts, Step step);

  @Override
  public final void update(String name, Parameter parameter, Tensor gradient, Step step) {
    Moments.Of mine = moments.of(name, parameter, shapes(parameter));
    update(new Parts(mine, gradient), step);
    mine.round();
  }

  private Map<String, Shape> shapes(Parameter parameter) {
    var shapes = new LinkedHashMap<String, Shape>();
    moments().forEach(name -> shapes.put(name, parameter.shape()));
    return shapes;
  }

  @Override
  public final Map<String, Parameter> state() {
    return moments.all();
  }

  @Override
  public final void restore(String name, Parameter parameter) {
    moments.restore(name, parameter, shapes(parameter));
  }

  @Override
  public final void close() {
    moments.close();
  }

  /// The sum of squares in float64, in an order that depends on the number of elements alone.
  static double squares(Tensor x) {
    Backend backend = x.backend();
    Memory memory = backend.memory();
    var state = new RunState(memory.allocate(RunState.BYTES));
    var at = new Span.Places(0, 0, x.address(), 0, 0, 0);
    var row = new Span(DType.F32, Matrices.whole(x.elements()), at, 0, 1, 0);
    Spans spans = Spans.of(memory, List.of(row));
    try {
      backend.optimizer().sumOfSquares(spans, state);
      return state.outcome(memory).sum();
    } finally {
      spans.release(memory);
      memory.release(state.address(), RunState.BYTES);
    }
  }

  /// The pieces of a parameter, its gradient and its moments.
  static final class Parts {
    private final Moments.Of mine;
    private final Tensor gradient;
    private final int count;

    private Parts(Moments.Of mine, Tensor gradient) {
      this.mine = mine;
      this.gradient = gradient;
      this.count = Math.toIntExact(mine.value().elements());
    }

    /// The parameter in float32.
    Tensor value() {
      return mine.value();
    }

    /// Does something with each piece, in order and in a scope of its own.
    void each(Body body) {
      for (int from = 0; from < count; from += PIECE) {
        try (var _ = Scope.openWithoutGradients(mine.value().device())) {
          body.run(new Part(this, from, Math.min(count, from + PIECE)));
        }
      }
    }
  }

  /// What is done with a piece.
  interface Body {
    /// Does it.
    void run(Part part);
  }

  /// A piece of a parameter.
  record Part(Parts all, int from, int to) {

    Tensor value() {
      return of(all.mine.value());
    }

    Tensor gradient() {
      return of(all.gradient);
    }

    Tensor moment(String name) {
      return of(all.mine.get(name));
    }

    /// Puts new values in the parameter's place.
    void value(Tensor values) {
      put(all.mine.value(), values);
    }

    /// Puts new values in a moment's place.
    Tensor moment(String name, Tensor values) {
      put(all.mine.get(name), values);
      return values;
    }

    private Tensor of(Tensor whole) {
      return whole.reshape(all.count).slice(0, from, to);
    }

    private void put(Tensor whole, Tensor values) {
      whole.reshape(all.count).overwrite(0, from, values);
    }
  }
}
