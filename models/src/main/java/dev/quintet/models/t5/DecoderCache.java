package dev.quintet.models.t5;

import dev.quintet.core.backend.DecoderStep;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/// What a decoder keeps from token to token: its own keys and values, and those of the encoder's states.
///
/// The former fill a room of as many places as will be decoded, which can be made larger; the latter are computed once.
/// A cache lives in the scope in which it was made ([T5#cache]) and belongs to one thread.
public final class DecoderCache implements AutoCloseable {
  private final List<Layer> layers;
  private final Map<RelativePositionBias, Tensor> biases;
  private final Tensor memoryMask;
  private final int beams;
  private TokenRoom room;
  private int capacity;
  private int length;
  private Optional<DecoderPlan> plan = Optional.empty();
  private Supplier<Optional<DecoderPlan>> planner = Optional::empty;

  /// A cache in the current scope.
  ///
  /// @param memories of each block, keys and values of the encoder's states
  DecoderCache(
      List<KeysAndValues> memories,
      Map<RelativePositionBias, Tensor> biases,
      Tensor memoryMask,
      int capacity,
      int beams) {
    this.biases = Map.copyOf(biases);
    this.memoryMask = memoryMask;
    this.capacity = capacity;
    this.beams = beams;
    room =
        new TokenRoom(
            memories.stream().map(KeysAndValues::keys).findFirst(),
            memories.size(),
            beams,
            capacity);
    layers = new ArrayList<>();
    memories.forEach(memory -> layers.add(new Layer(memory, layers.size())));
  }

  /// One block's part.
  final class Layer {
    private final KeysAndValues memory;
    private final int number;

    private Layer(KeysAndValues memory, int number) {
      this.memory = memory;
      this.number = number;
    }

    /// Keys and values of the encoder's states, `[B / beams, S, H, K]`.
    KeysAndValues memory() {
      return memory;
    }

    /// The keys and values of the tokens so far, `[B, capacity, H, K]`.
    KeysAndValues cached() {
      return room.layer(number);
    }

    /// Writes the keys and values of the next tokens behind those cached; returns `[B, capacity, H, K]`.
    KeysAndValues put(int from, KeysAndValues next) {
      KeysAndValues all = cached();
      all.keys().overwrite(1, from, next.keys());
      all.values().overwrite(1, from, next.values());
      return all;
    }
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
      try (var _ = Scope.open(device())) {
        room.gather(step.get(), length);
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

  /// Where it lies.
  Device device() {
    return memoryMask.device();
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
        room.reorder(rows, length);
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
      room = room.grown(tokens, length);
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

  /// The type of keys and values.
  DType type() {
    return room.type();
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

  /// Gives back what a device has taken down for planned steps, at the end of use; without, that goes with the object. The
  /// memory of the cache is its scope's.
  @Override
  public void close() {
    plan.ifPresent(DecoderPlan::forget);
  }
}
