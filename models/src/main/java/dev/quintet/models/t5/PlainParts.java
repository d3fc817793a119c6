package dev.quintet.models.t5;

import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Overlay;
import dev.quintet.core.nn.RmsNorm;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The parts of a decoder and their weights, as a planned step needs them: plain ones of one type, whose places are noted,
/// so that it is soon seen when an adapter stands in for one.
final class PlainParts {
  private record Place(Child<?> child, Object part, Optional<Parameter> weight, long address) {
    boolean holds() {
      return here(child) == part && (weight.isEmpty() || addressOf(weight.get()) == address);
    }
  }

  private final List<Place> places = new ArrayList<>();
  private final float epsilon;
  private final DType type;
  private boolean plain = true;

  /// @param epsilon that all norms must have
  /// @param type that all weights must have
  PlainParts(float epsilon, DType type) {
    this.epsilon = epsilon;
    this.type = type;
  }

  /// The type of all weights.
  DType type() {
    return type;
  }

  /// Whether all parts so far are plain.
  boolean plain() {
    return plain;
  }

  /// Says that one is not.
  void refuse() {
    plain = false;
  }

  /// Whether all of them are where they were, and as they were.
  boolean hold() {
    for (Place place : places) {
      if (!place.holds()) {
        return false;
      }
    }
    return true;
  }

  /// The module of this class in a place.
  <M> Optional<M> part(Child<?> child, Class<M> kind) {
    Optional<M> here = only(child, kind);
    here.ifPresent(part -> places.add(new Place(child, part, Optional.empty(), 0)));
    return here;
  }

  /// The weight of a projection, of this shape.
  StoredMatrix projection(Child<? extends Layer> child, int rows, int columns) {
    Optional<Linear> linear = only(child, Linear.class).filter(one -> one.bias().isEmpty());
    return matrix(child, linear.map(Linear::weight), rows, columns);
  }

  /// The weight of an embedding, of this shape.
  StoredMatrix table(Child<? extends Layer> child, int rows, int columns) {
    return matrix(child, only(child, Embedding.class).map(Embedding::weight), rows, columns);
  }

  /// The address of the weight of a norm.
  long norm(Child<? extends Layer> child, int width) {
    Optional<Parameter> weight =
        only(child, RmsNorm.class).filter(norm -> norm.epsilon() == epsilon).map(RmsNorm::weight);
    return noted(child, weight, weight.isPresent() && weight.get().elements() == width);
  }

  /// The address of a float32 tensor, or 0.
  long floats(Tensor tensor) {
    return addressOf(tensor, DType.F32);
  }

  /// The address of keys or values, which have the type of all weights, or 0.
  long cached(Tensor tensor) {
    return addressOf(tensor, type);
  }

  private long addressOf(Tensor tensor, DType wanted) {
    if (tensor.type() != wanted) {
      refuse();
      return 0;
    }
    return tensor.address();
  }

  private StoredMatrix matrix(
      Child<? extends Layer> child, Optional<Parameter> weight, int rows, int columns) {
    boolean fits =
        weight.isPresent()
            && weight.get().shape().dim(0) == rows
            && weight.get().shape().dim(1) == columns;
    long address = noted(child, weight, fits);
    return fits && weight.get().form().isPresent()
        ? weight.get().form().get().at(address)
        : StoredMatrix.floats(address, rows, columns);
  }

  private long noted(Child<? extends Layer> child, Optional<Parameter> weight, boolean fits) {
    if (!fits || weight.get().type() != type) {
      refuse();
      return 0;
    }
    long address = addressOf(weight.get());
    places.add(new Place(child, here(child), weight, address));
    return address;
  }

  private <M> Optional<M> only(Child<?> child, Class<M> kind) {
    Object here = here(child);
    if (!kind.isInstance(here)) {
      refuse();
      return Optional.empty();
    }
    return Optional.of(kind.cast(here));
  }

  /// What computes in a place at this moment.
  private static Object here(Child<?> child) {
    Object now = child.get();
    return now instanceof Layer layer ? Overlay.now(layer) : now;
  }

  private static long addressOf(Parameter weight) {
    return weight.stored().map(StoredMatrix::address).orElseGet(weight::address);
  }
}
