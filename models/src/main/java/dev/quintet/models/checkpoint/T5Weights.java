package dev.quintet.models.checkpoint;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.io.FloatElements;
import dev.quintet.core.nn.ParameterSource;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.t5.T5Family;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// The parameters of a model of the T5 family out of its files, under the names and aliases that have been in use.
///
/// F32 in the processor's memory is used where the file has it, copied by the system page by page when it first
/// trains; everything else goes straight from the mapping to where it stays.
final class T5Weights implements ParameterSource {
  static final String SHARED = "shared.weight";
  static final String HEAD = "lm_head.weight";

  /// The names of the embedding's matrix, the preferred one first.
  static final List<String> SHARED_ALIASES =
      List.of(SHARED, "encoder.embed_tokens.weight", "decoder.embed_tokens.weight");

  /// In files of transformers before November 2020 (its issue 8518); never used.
  static final String STRAY =
      "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight";

  private static final Pattern DECODER = Pattern.compile("^(transformer\\.)?decoder\\.");

  private final Weights weights;
  private final Device device;
  private final boolean copy;
  private final Optional<Precision> precision;
  private final Optional<Precision> small;
  private final Map<Path, WatchedFile> lenders = new LinkedHashMap<>();
  private final Set<String> used = new HashSet<>();

  T5Weights(Weights weights, LoadOptions options) {
    this.weights = weights;
    this.device = options.device();
    this.precision = options.precision();
    this.small = precision.filter(wanted -> wanted != Precision.F32);
    // what is stored small is not what the file holds, which then need not be kept for the rest
    this.copy = options.copy() || small.isPresent();
  }

  /// Whether there is a head of its own: present, and different from the embedding.
  ///
  /// @param separate whether the decoder has an embedding of its own, which is then the one that counts
  boolean hasOwnHead(boolean separate) {
    Optional<StoredTensor> head = weights.find(HEAD);
    Optional<StoredTensor> shared =
        separate ? weights.find("decoder.embed_tokens.weight") : shared("");
    return head.isPresent()
        && shared.isPresent()
        && !SmallTensor.same(weights, head.get(), shared.get());
  }

  /// Whether a stack has an embedding that differs from the shared one, as transformers 5 then has it too.
  boolean hasOwnTables() {
    Optional<StoredTensor> both = weights.find(SHARED);
    return both.isPresent()
        && SHARED_ALIASES.stream()
            .flatMap(name -> weights.find(name).stream())
            .anyMatch(table -> !SmallTensor.same(weights, table, both.get()));
  }

  private Optional<StoredTensor> shared(String prefix) {
    return SHARED_ALIASES.stream()
        .map(name -> weights.find(prefix + name))
        .flatMap(Optional::stream)
        .findFirst();
  }

  @Override
  public Parameter make(String name, Shape shape) {
    StoredTensor stored =
        find(name)
            .orElseThrow(() ->
                new CheckpointException(
                    weights.place()
                        + ": the weights lack "
                        + name
                        + " "
                        + shape
                        + ", which config.json asks for"
                        + unexpected()));
    used.add(stored.name());
    Optional<SmallTensor> int8 = SmallTensor.of(weights, stored);
    if (int8.isPresent()) {
      used.add(int8.get().scales().name());
      return int8.get().parameter(shape, device, precision);
    }
    if (!stored.dims().equals(Arrays.stream(shape.dims()).asLongStream().boxed().toList())) {
      throw new CheckpointException(
          stored.file()
              + ": "
              + stored.name()
              + " is "
              + stored.shapeText()
              + ", but by config.json it must be "
              + shape);
    }
    if (!FloatElements.TYPES.contains(stored.type())) {
      throw new CheckpointException(
          stored.file()
              + ": "
              + stored.name()
              + " is of type "
              + stored.type()
              + "; expected one of "
              + new TreeSet<>(FloatElements.TYPES));
    }
    return small
        .filter(_ -> SmallTensor.mayBe(name, shape.rank()))
        .map(wanted -> SmallTensor.parameter(stored, shape, device, wanted))
        .orElseGet(() -> parameter(stored, shape));
  }

  /// The tensor of a parameter, under whichever of its names it is stored.
  Optional<StoredTensor> find(String name) {
    if (SHARED_ALIASES.indexOf(name) > 0) {
      // a stack's own; the other one may have the shared one still
      return weights.find(name).or(() -> weights.find(SHARED));
    }
    if (!name.endsWith(SHARED)) {
      return weights.find(name);
    }
    String prefix = name.substring(0, name.length() - SHARED.length());
    SHARED_ALIASES.forEach(alias -> {
      used.add(prefix + alias);
      used.add(prefix + alias + SmallTensor.SCALE);
    });
    // A tied model may hold its one matrix under the head's name alone.
    return shared(prefix).or(() -> weights.find(prefix + HEAD));
  }

  private Parameter parameter(StoredTensor stored, Shape shape) {
    var memory = Backends.of(device).memory();
    Optional<MemorySegment> lent =
        stored.lendable().filter(part -> memory.host(part.address(), part.byteSize()).isPresent());
    if (lent.isPresent() && !copy) {
      lenders.computeIfAbsent(stored.file(), T5Weights::watched);
      return Parameter.over(lent.get(), shape, DType.F32, device, weights.use(stored));
    }
    return filled(shape, device, stored::readFloats);
  }

  /// A parameter of float32 that somebody writes, where it lies if that is in the processor's memory.
  static Parameter filled(Shape shape, Device device, Consumer<MemorySegment> fill) {
    Parameter parameter = Parameter.empty(shape, device);
    long bytes = DType.F32.bytes(shape.elements());
    Optional<MemorySegment> host = parameter.backend().memory().host(parameter.address(), bytes);
    if (host.isPresent()) {
      fill.accept(host.get());
      return parameter;
    }
    try (var arena = Arena.ofShared()) {
      MemorySegment stage = arena.allocate(bytes, 64);
      fill.accept(stage);
      parameter.set(stage);
    }
    return parameter;
  }

  private static WatchedFile watched(Path file) {
    try {
      return WatchedFile.of(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
  }

  /// Has a model look, whenever it computes, whether the files that its parameters lie in are still what they were.
  void watch(T5Family model) {
    if (!lenders.isEmpty()) {
      List<WatchedFile> files = List.copyOf(lenders.values());
      model.watch(() -> files.forEach(WatchedFile::check));
    }
  }

  /// Has these tensors pass for asked for.
  void ignore(String... names) {
    used.addAll(List.of(names));
  }

  /// Has the decoder's tensors pass for asked for: a model without one is part of a model with one.
  void ignoreDecoder() {
    weights.names().stream().filter(name -> DECODER.matcher(name).find()).forEach(used::add);
  }

  /// Refuses what nothing asked for, except the names that transformers ignores too.
  void checkAllUsed() {
    String left = unexpected();
    if (!left.isEmpty()) {
      throw new CheckpointException(
          weights.place() + ": the weights fit config.json" + left + "; is the config another's?");
    }
  }

  private String unexpected() {
    var left = new TreeSet<>(weights.names());
    left.removeAll(used);
    left.removeIf(name -> name.endsWith(STRAY));
    if (left.isEmpty()) {
      return "";
    }
    String some = left.stream().limit(5).toList().toString();
    return "; they hold " + left.size() + " tensors that nothing asked for, such as " + some;
  }
}
