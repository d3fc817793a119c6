package dev.quintet.models.checkpoint;

import dev.quintet.core.io.FloatElements;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.models.torch.TorchTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// A tensor of a model's files, wherever it lies: alive until its [Weights] are closed.
public sealed interface StoredTensor {
  /// Its name.
  String name();

  /// The file that holds it.
  Path file();

  /// The type of its elements.
  SafetensorsType type();

  /// The sizes of its axes, outermost first; none for a scalar.
  List<Long> dims();

  /// Its little-endian bytes, row-major: where they lie if they do so, or gathered into the arena.
  MemorySegment bytes(Arena arena);

  /// What tells its memory from other tensors': the same for those that are one window of one storage, as files of PyTorch
  /// allow.
  String memory();

  /// Its memory for a parameter to use as it is, if that may be: F32, aligned, writable without reaching the file, and
  /// no other tensor's.
  Optional<MemorySegment> lendable();

  /// The number of its elements.
  default long elements() {
    return dims().stream().reduce(1L, (a, b) -> a * b);
  }

  /// Writes its elements as F32, straight from where they lie.
  ///
  /// @param floats 4 bytes for each element
  default void readFloats(MemorySegment floats) {
    try (var arena = Arena.ofShared()) {
      FloatElements.read(type(), bytes(arena), floats);
    }
  }

  /// Whether it and another have the same type, axes and bytes.
  default boolean sameContents(StoredTensor other) {
    if (memory().equals(other.memory())) {
      return true;
    }
    if (type() != other.type() || !dims().equals(other.dims())) {
      return false;
    }
    try (var arena = Arena.ofConfined()) {
      return bytes(arena).mismatch(other.bytes(arena)) < 0;
    }
  }

  /// Its axes as text, `[32128, 512]`.
  default String shapeText() {
    return dims().stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }

  /// A tensor of a safetensors file.
  ///
  /// @param segment its bytes in the mapping
  record Mapped(
      String name, Path file, SafetensorsType type, List<Long> dims, MemorySegment segment)
      implements StoredTensor {

    /// Copies the sizes.
    public Mapped {
      dims = List.copyOf(dims);
    }

    @Override
    public MemorySegment bytes(Arena arena) {
      return segment;
    }

    @Override
    public String memory() {
      return file + "#" + name;
    }

    @Override
    public Optional<MemorySegment> lendable() {
      boolean usable =
          type == SafetensorsType.F32
              && !segment.isReadOnly()
              && (segment.address() & 3) == 0
              && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
      return usable ? Optional.of(segment) : Optional.empty();
    }
  }

  /// A tensor of a PyTorch file.
  ///
  /// @param tensor the window into its storage
  record Pickled(String name, Path file, TorchTensor tensor) implements StoredTensor {
    @Override
    public SafetensorsType type() {
      return tensor.type();
    }

    @Override
    public List<Long> dims() {
      return tensor.dims();
    }

    @Override
    public MemorySegment bytes(Arena arena) {
      if (tensor.contiguous()) {
        return tensor.inPlace();
      }
      MemorySegment gathered = arena.allocate(tensor.bytes(), 8);
      tensor.copyTo(gathered);
      return gathered;
    }

    @Override
    public String memory() {
      return file + "#" + tensor.window();
    }

    @Override
    public Optional<MemorySegment> lendable() {
      return Optional.empty();
    }
  }
}
