package dev.quintet.core.shape;

/// Where a tensor's memory lies: the processor, or one CUDA device.
///
/// @param kind the kind of device
/// @param index which one of its kind, from 0
public record Device(Kind kind, int index) {

  /// The kinds of device.
  public enum Kind {
    /// The processor and its memory.
    CPU,
    /// A CUDA graphics processor.
    CUDA
  }

  private static final Device CPU = new Device(Kind.CPU, 0);

  /// Checks the index.
  ///
  /// @throws IllegalArgumentException if the index is negative
  public Device {
    if (index < 0) {
      throw new IllegalArgumentException("a device's index counts from 0, not " + index);
    }
  }

  /// The processor.
  public static Device cpu() {
    return CPU;
  }

  /// The CUDA device of this index.
  public static Device cuda(int index) {
    return new Device(Kind.CUDA, index);
  }

  @Override
  public String toString() {
    return kind == Kind.CPU ? "cpu" : "cuda:" + index;
  }
}
