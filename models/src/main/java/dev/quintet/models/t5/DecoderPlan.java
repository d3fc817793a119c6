package dev.quintet.models.t5;

import dev.quintet.core.backend.DecoderKernels;
import dev.quintet.core.backend.DecoderStep;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import java.util.Optional;

/// A decoder's step by one token, planned for one cache: taken where all parts are plain ones and the device plans such
/// steps; else a decoder goes the general way, with the same results.
final class DecoderPlan {
  private final T5 model;
  private final DecoderCache cache;
  private final DecoderKernels kernels;
  private final Tensor room;
  private PlainParts parts;
  private Optional<DecoderStep> step = Optional.empty();

  private DecoderPlan(T5 model, DecoderCache cache, PlainParts parts, Tensor room) {
    this.model = model;
    this.cache = cache;
    this.kernels = room.backend().decoder();
    this.parts = parts;
    this.room = room;
  }

  /// A plan, if there can be one, whose memory belongs to the current scope.
  static Optional<DecoderPlan> of(T5 model, DecoderCache cache) {
    DecoderKernels kernels = cache.memoryMask().backend().decoder();
    if (kernels == DecoderKernels.NONE) {
      return Optional.empty();
    }
    var parts = parts(model, cache);
    long elements = model.call(parts, cache).map(kernels::room).orElse(0L);
    return elements == 0
        ? Optional.empty()
        : Optional.of(
            new DecoderPlan(model, cache, parts, Tensor.empty(Shape.of(elements), DType.F32)));
  }

  /// Parts of the type that keys and values have.
  private static PlainParts parts(T5 model, DecoderCache cache) {
    return new PlainParts(model.config().epsilon(), cache.type());
  }

  /// The step, planned anew where parts or caches have changed; empty where the general way is to be gone.
  Optional<DecoderStep> step() {
    if (step.isPresent()) {
      return parts.hold() ? step : Optional.empty();
    }
    parts = parts(model, cache);
    step =
        model
            .call(parts, cache)
            .flatMap(call -> kernels.plan(call, cache.length(), room.address()));
    return step;
  }

  /// The step that was planned, whatever has changed since.
  Optional<DecoderStep> planned() {
    return step;
  }

  /// Forgets it: caches are changed behind it.
  void forget() {
    step.ifPresent(DecoderStep::close);
    step = Optional.empty();
  }
}
