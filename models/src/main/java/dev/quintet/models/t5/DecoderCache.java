package dev.quintet.models.t5;

import dev.quintet.core.backend.DecoderStep;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/// What a decoder keeps from token to token: its own keys and values, and those of the encoder's states.
///
/// The former fill a room of as many places as will be decoded, which can be made larger; the latter are computed once.
/// A cache lives in the scope in which it was made ([T5#cache]) and belongs to one thread.
public final class DecoderCache {
  private final List<Layer> layers;
  private final Map<RelativePositionBias, Tensor> biases;
  private final Tensor memoryMask;
  private final int beams;
  private int capacity;
  private int length;
  private Optional<DecoderPlan> plan = Optional.empty();
  private Supplier<Optional<DecoderPlan>> planner = Optional::empty;

  private DecoderCache(
      List<Layer> layers,
      Map<RelativePositionBias, Tensor> biases,
      Tensor memoryMask,
      int capacity,
      int beams) {
    this.layers = layers;
    this.beams = beams;
    this.biases = biases;
    this.memoryMask = memoryMask;
    this.capacity = capacity;
  }

  /// One block's part.
  static final class Layer {
    private final KeysAndValues memory;
    private Tensor keys;
    private Tensor values;
    private Tensor spareKeys;
    private Tensor spareValues;

    Layer(KeysAndValues memory, int capacity, int beams) {
      this.memory = memory;
      Shape shape = memory.keys().shape();
      DType type = memory.keys().type();
      Shape room = shape.withDim(0, shape.dim(0) * beams).withDim(1, capacity);
      this.keys = Tensor.empty(room, type);
      this.values = Tensor.empty(room, type);
      this.spareKeys = beams > 1 ? Tensor.empty(room, type) : keys;
      this.spareValues = beams > 1 ? Tensor.empty(room, type) : values;
    }

    /// Keys and values of the encoder's states, `[B / beams, S, H, K]`.
    KeysAndValues memory() {
      return memory;
    }

    /// The keys and values of the tokens so far, `[B, capacity, H, K]`.
    KeysAndValues cached() {
      return new KeysAndValues(keys, values);
    }

    /// Writes the keys and values of the next tokens behind those cached; returns `[B, capacity, H, K]`.
    KeysAndValues put(int from, KeysAndValues next) {
      keys.overwrite(1, from, next.keys());
      values.overwrite(1, from, next.values());
      return cached();
    }

    /// A row, `[capacity, H, K]`.
    private static Tensor row(Tensor cached, int row) {
      Shape shape = cached.shape();
      return cached.slice(0, row, row + 1).reshape(shape.dim(1), shape.dim(2), shape.dim(3));
    }

    private void grow(int capacity, int length) {
      boolean beams = spareKeys != keys;
      keys = grown(keys, capacity, length);
      values = grown(values, capacity, length);
      spareKeys = beams ? grown(spareKeys, capacity, 0) : keys;
      spareValues = beams ? grown(spareValues, capacity, 0) : values;
    }

    private static Tensor grown(Tensor cached, int capacity, int length) {
      Tensor room = Tensor.empty(cached.shape().withDim(1, capacity), cached.type());
      for (int row = 0; length > 0 && row < cached.shape().dim(0); row++) {
        row(room, row).overwrite(0, 0, row(cached, row).slice(0, 0, length));
      }
      return room;
    }

    /// Brings together what a planned step has left in several rows.
    private void gather(DecoderStep step, int length) {
      for (int row = 0; row < keys.shape().dim(0); row++) {
        for (int token = 0; token < length; token++) {
          int from = step.place(row, token);
          row(spareKeys, row).overwrite(0, token, row(keys, from).slice(0, token, token + 1));
          row(spareValues, row).overwrite(0, token, row(values, from).slice(0, token, token + 1));
        }
      }
      swap();
    }

    private void reorder(int[] rows, int length) {
      for (int row = 0; row < rows.length; row++) {
        row(spareKeys, row).overwrite(0, 0, row(keys, rows[row]).slice(0, 0, length));
        row(spareValues, row).overwrite(0, 0, row(values, rows[row]).slice(0, 0, length));
      }
      swap();
    }

    private void swap() {
      Tensor before = keys;
      keys = spareKeys;
      spareKeys = before;
      before = values;
      values = spareValues;
      spareValues = before;
    }
  }

  static DecoderCache of(
      List<Layer> layers,
      Map<RelativePositionBias, Tensor> biases,
      Tensor memoryMask,
      int capacity,
      int beams) {
    return new DecoderCache(List.copyOf(layers), Map.copyOf(biases), memoryMask, capacity, beams);
  }

  /// Plans steps by one token, in the current scope, now and whenever there is more room.
  void planBy(Supplier<Optional<DecoderPlan>> maker) {
    planner = maker;
    plan = maker.get();
  }

  /// The step that was planned for this cache, if it can be taken now.
  Optional<DecoderStep> step() {
    Optional<DecoderStep> step = plan.flatMap(DecoderPlan::step);
    if (step.isEmpty()) {
      settle();
    }
    return step;
  }

  /// Leaves the cache as the general way knows it, for operations of that.
  void settle() {
    Optional<DecoderStep> step = plan.flatMap(DecoderPlan::planned);
    if (step.isEmpty()) {
      return;
    }
    if (moved(step.get())) {
      try (var _ = Scope.open()) {
        layers.forEach(layer -> layer.gather(step.get(), length));
      }
    }
    plan.ifPresent(DecoderPlan::forget);
  }

  private boolean moved(DecoderStep step) {
    for (int row = 0; beams > 1 && row < rows(); row++) {
      for (int token = 0; token < length; token++) {
        if (step.place(row, token) != row) {
          return true;
        }
      }
    }
    return false;
  }

  /// Rows that are decoded.
  int rows() {
    return memoryMask.shape().dim(0) * beams;
  }

  /// Rows of each input.
  int beams() {
    return beams;
  }

  /// Lets each row go on from what another row has cached; rows move within their input's beams.
  ///
  /// @param rows for each row the one whose tokens it takes over
  public void reorder(int[] rows) {
    for (int row = 0; row < rows.length; row++) {
      if (rows[row] != row) {
        Optional<DecoderStep> step = plan.flatMap(DecoderPlan::planned);
        if (step.isPresent()) {
          step.get().reorder(rows, length);
          return;
        }
        layers.forEach(layer -> layer.reorder(rows, length));
        return;
      }
    }
  }

  /// The tokens cached so far.
  public int length() {
    return length;
  }

  /// Makes room for more tokens; what is cached stays. The new room belongs to the current scope, which must last as
  /// long as the cache is used.
  ///
  /// @param tokens the most tokens that will be decoded; fewer than fit already change nothing
  public void reserve(int tokens) {
    if (tokens > capacity) {
      settle();
      layers.forEach(layer -> layer.grow(tokens, length));
      capacity = tokens;
      plan = planner.get();
    }
  }

  /// The most tokens that fit.
  public int capacity() {
    return capacity;
  }

  List<Layer> layers() {
    return layers;
  }

  /// The table of a relative bias, made once for all tokens.
  Tensor bias(RelativePositionBias bias) {
    return Objects.requireNonNull(biases.get(bias));
  }

  Tensor memoryMask() {
    return memoryMask;
  }

  void checkRoom(int tokens) {
    if (length + tokens > capacity) {
      throw new IllegalStateException(
          "the decoder's cache has room for "
              + capacity
              + " tokens, "
              + length
              + " are taken, and "
              + tokens
              + " more came: make it with a larger capacity, or reserve more");
    }
  }

  void advance(int tokens) {
    length += tokens;
  }
}
