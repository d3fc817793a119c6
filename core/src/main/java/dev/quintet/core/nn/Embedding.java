package dev.quintet.core.nn;

import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;

/// Rows of a table by int32 ids: `[...]` becomes `[..., D]`.
public final class Embedding extends Module implements Layer {
  private final Parameter weight;

  /// An embedding.
  ///
  /// @param weight `[V, D]`
  public Embedding(Parameter weight) {
    this.weight = parameter("weight", weight);
  }

  /// A new table of standard normal values, on the device of the innermost open scope, or on the processor.
  ///
  /// @param rows V
  /// @param width D
  public static Embedding create(int rows, int width, long seed) {
    return new Embedding(Init.normal(1).make(Shape.of(rows, width), seed));
  }

  /// The table, `[V, D]`.
  public Parameter weight() {
    return weight;
  }

  /// The rows of these ids.
  ///
  /// @throws IndexOutOfBoundsException if an id is not a row
  @Override
  public Tensor apply(Tensor ids, Pass pass) {
    return weight.rows(ids);
  }

  @Override
  public boolean perToken() {
    return true;
  }
}
